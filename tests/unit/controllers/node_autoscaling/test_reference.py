"""The reference page of the settings is what the settings say now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kingtide.control import drain
from kingtide.controllers.node_autoscaling.demand import SCALE_UP_DELAY
from kingtide.controllers.node_autoscaling.eligibility import SCALE_DOWN_DISABLED
from kingtide.controllers.node_autoscaling.reference import (
    ANNOTATIONS,
    DIFFERENCES,
    FLAG_DEFAULTS,
    SECTIONS,
    page,
)
from kingtide.controllers.node_autoscaling.removal import DELAY_DELETION_PREFIX
from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.policies.settings_table import flag_of
from kingtide.fleet.policies.written import written_name

PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "node-autoscaling.md"
FIELDS = [
    (policy, field.name) for _, _, policy in SECTIONS for field in msgspec.structs.fields(policy)
]


def test_the_page_is_current() -> None:
    hint = "python -m kingtide.controllers.node_autoscaling.reference > docs/reference/..."
    assert PAGE.read_text(encoding="utf-8") == page(), f"make it anew: {hint}"


def test_every_flag_that_a_setting_names_has_its_default_and_no_other_has_one() -> None:
    named = {flag for policy, name in FIELDS if (flag := flag_of(descriptions(policy)[name]))}
    assert named == set(FLAG_DEFAULTS)


def test_every_setting_stands_in_the_page_with_a_text() -> None:
    text = page()
    for policy, name in FIELDS:
        if name in {"backoff", "pools", "scale_down", "drain"}:
            assert f"Under `{written_name(name)}`." in text
            continue
        (row,) = [it for it in text.splitlines() if it.startswith(f"| `{written_name(name)}` |")]
        assert len(row.split(" | ")) == 4, row
        assert len(row.split(" | ")[3]) > 10, row
        assert policy is not None


def test_differences_are_of_settings_that_exist() -> None:
    assert set(DIFFERENCES) <= {name for _, name in FIELDS}


def test_every_annotation_that_is_read_stands_in_the_page() -> None:
    assert {name for name, _, _ in ANNOTATIONS} == {
        drain.SAFE_TO_EVICT,
        drain.SAFE_LOCAL_VOLUMES,
        drain.DAEMON_SET_POD,
        drain.ENABLE_DS_EVICTION,
        SCALE_UP_DELAY,
        SCALE_DOWN_DISABLED,
        f"{DELAY_DELETION_PREFIX}*",
    }


def test_no_sentence_is_left_without_its_beginning_by_taking_its_flag_out() -> None:
    for row in page().splitlines():
        assert "  " not in row.strip() or not row.startswith("|"), row
        assert ". (" not in row, row
        assert " ." not in row, row
