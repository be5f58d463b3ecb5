"""priority_expander.json: the priority ConfigMap and how expanders follow each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from kingtide.controllers.node_autoscaling.expander import choose
from kingtide.controllers.node_autoscaling.priorities import highest_tier, read_priorities
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("priority_expander")


@vectors.cases("filter_cases")
def test_filtering_by_priority(case: Case) -> Mapping[str, Any]:
    given = only_known(case.input, "priorities", "group_names")
    priorities = read_priorities(_text(given["priorities"]))
    return {
        "survivors": list(highest_tier(given["group_names"], priorities)),
        "config_error": priorities.problem,
    }


@vectors.cases("chain_cases")
def test_expanders_in_a_chain(case: Case) -> Mapping[str, Any]:
    given = only_known(
        case.input, "filters_keep_containing", "fallback_picks_first_containing", "options"
    )
    wanted = given["fallback_picks_first_containing"]

    def fall_back(options: Sequence[str]) -> str | None:
        return next((it for it in options if wanted in it), None)

    filters = [_keeping(text) for text in given["filters_keep_containing"]]
    return {"chosen": choose(given["options"], filters, fall_back)}


def _keeping(text: str) -> Callable[[Sequence[str]], Sequence[str]]:
    return lambda options: [it for it in options if text in it]


def _text(priorities: Mapping[str, Sequence[str]] | str | None) -> str | None:
    """The ConfigMap's text: a mapping is written as a user would, a text stands as it is."""
    if priorities is None or isinstance(priorities, str):
        return priorities
    # Keys that are numbers are written as YAML numbers; others stay what they are.
    return yaml.safe_dump({_key(key): value for key, value in priorities.items()})


def _key(key: str) -> int | str:
    try:
        return int(key)
    except ValueError:
        return key
