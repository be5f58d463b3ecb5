"""downscaler_behaviour.json: one pass over a small cluster, to the letter of the tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.downscaler_pass import changes

vectors = VectorFile("downscaler_behaviour")


@vectors.cases("cases", expected_keys=("expect_changes",))
def test_a_pass_as_the_tool_makes_it(case: Case) -> Mapping[str, Any]:
    return {"expect_changes": changes(case.given, "py-kube-downscaler")}
