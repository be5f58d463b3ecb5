"""No vector stands in the folder unread: every file and every case list has a claim."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.vectors import cases
from tests.vectors.claims import VectorFile, claimed

HERE = Path(__file__).parent


def claims() -> dict[str, VectorFile]:
    """All claims, after importing every module of this folder that may make one."""
    for path in sorted(HERE.glob("test_*.py")):
        importlib.import_module(f"tests.vectors.{path.stem}")
    return dict(claimed())


@pytest.mark.parametrize("file", cases.file_names())
def test_every_file_is_claimed(file: str) -> None:
    assert file in claims(), (
        f"{file}.json: nobody claims this file; write tests/vectors/test_{file}.py "
        "(tests/vectors/README.md shows how)"
    )


@pytest.mark.parametrize("file", cases.file_names())
def test_every_case_list_of_a_claimed_file_is_claimed(file: str) -> None:
    claim = claims().get(file)
    if claim is None:
        pytest.skip("the file itself is not claimed, which fails on its own")
    found = [name for name, _ in cases.case_lists(cases.read(file))]
    unclaimed = [name for name in found if name not in [*claim.case_lists, *claim.not_cases]]
    assert not unclaimed, f"{file}.json: nobody claims the case lists {unclaimed}"


def test_a_waived_list_has_a_reason() -> None:
    for claim in claims().values():
        for name, reason in claim.not_cases.items():
            assert reason.strip(), f"{claim.name}.json: say why {name} holds no cases"
