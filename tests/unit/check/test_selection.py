from __future__ import annotations

import pytest

from kingtide.check.registry import RULES
from kingtide.check.selection import UnknownCode, selection


@pytest.mark.parametrize(
    ("select", "ignore", "taken"),
    [
        ([], [], {"KT101": True, "KT207": True}),
        (["KT2"], [], {"KT101": False, "KT207": True}),
        (["kt1, KT207"], [], {"KT101": True, "KT207": True}),
        ([], ["KT2"], {"KT101": True, "KT207": False}),
        (["KT207"], ["KT2"], {"KT101": False, "KT207": True}),
        (["KT1", "KT2"], ["KT207"], {"KT101": True, "KT207": False}),
        (["KT207"], ["KT207"], {"KT101": False, "KT207": False}),
    ],
    ids=["all", "family", "listed", "ignored", "longer select", "longer ignore", "both"],
)
def test_the_longer_beginning_decides(
    select: list[str], ignore: list[str], taken: dict[str, bool]
) -> None:
    wanted = selection(select, ignore, RULES)
    assert {code: wanted.takes(code) for code in taken} == taken


@pytest.mark.parametrize("where", ["select", "ignore"])
def test_what_no_code_begins_with_is_refused(where: str) -> None:
    given: dict[str, list[str]] = {"select": [], "ignore": [], where: ["KT999"]}
    with pytest.raises(UnknownCode, match="no check's code begins with 'KT999'; "):
        selection(given["select"], given["ignore"], RULES)
