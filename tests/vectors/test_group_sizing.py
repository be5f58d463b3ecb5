"""group_sizing.json: balancing additions over groups, and how many removals the minimum allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.controllers.node_autoscaling.sizing import SizedGroup, balance, removal_budget
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("group_sizing")


@vectors.cases("balance_cases")
def test_balancing_additions(case: Case) -> Mapping[str, Any]:
    only_known(case.input, "groups", "add")
    groups = []
    for group in case.input["groups"]:
        only_known(group, "name", "size", "max")
        groups.append(SizedGroup(group["name"], group["size"], group["max"]))
    return {"new_sizes": balance(groups, case.input["add"])}


@vectors.cases("removal_cases")
def test_removals_within_the_minimum(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "empty", "drain", "min", "target", "deletions_in_progress")
    removal = removal_budget(
        empty=given["empty"],
        drain=given["drain"],
        min_size=given["min"],
        target_size=given["target"],
        deletions_in_progress=given["deletions_in_progress"],
    )
    return {"remove_empty": removal.empty, "remove_drain": removal.drain}
