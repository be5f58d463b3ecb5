"""downscaler_timespec.json: which instants a time specification matches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from whenever import Instant

from kingtide.controllers.downscaling.dialect import Dialect
from kingtide.controllers.downscaling.time_spec import BadTimeSpec, read_time_spec
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("downscaler_timespec")

# "any" is every instant: these are a second, an hour and a weekday apart.
ANY = tuple(Instant.from_utc(2024, 1, day, day, day, day) for day in range(1, 15))


@vectors.cases("cases", expected_keys=("expect",))
def test_matching_as_the_tool_does(case: Case) -> Mapping[str, Any]:
    return {"expect": answer(case.given, is_compatible=True)}


def answer(given: Mapping[str, Any], *, is_compatible: bool) -> bool | str:
    """Return what a case's specification is at its instant."""
    only_known(
        given, "id", "spec", "at", "origin", "ref", "why", "note", "defaults",
        "expect_2020_original",
    )  # fmt: skip
    defaults = only_known(given.get("defaults") or {}, "zone", "week")
    dialect = Dialect(is_compatible, defaults.get("zone") or "", defaults.get("week") or "")
    instants = ANY if given["at"] == "any" else (Instant.parse_iso(given["at"]),)
    answers: set[bool | str] = set()
    for instant in instants:
        at_ms = instant.timestamp(unit="millisecond")
        try:
            answers.add(read_time_spec(given["spec"], dialect).holds(at_ms))
        except BadTimeSpec:
            answers.add("invalid")
    assert len(answers) == 1
    return answers.pop()
