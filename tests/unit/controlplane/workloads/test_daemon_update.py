"""Which pods of a changed DaemonSet go next."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest

from kingtide.controlplane.workloads.daemon_update import to_replace
from kingtide.kube.pods import Condition, Pod
from tests.twin.worlds import daemon_set, spec


def pods(states: str) -> list[Pod]:
    """Return a pod a letter: r is Ready, w is not yet, e is Ready and ending."""
    return [
        Pod(
            namespace="kube-system",
            name=f"{number}{state}",
            uid=f"{number}{state}",
            spec=spec(100),
            labels={},
            created_ms=0,
            node_name=f"n{number}",
            phase="Running",
            ready=Condition("False" if state == "w" else "True", 0),
            deletion_ms=1 if state == "e" else None,
        )
        for number, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("strategy", "most", "wanted", "updated", "others", "goes"),
    [
        pytest.param("RollingUpdate", "1", 4, "", "rrrr", ["0r"], id="one at a time"),
        pytest.param("RollingUpdate", "50%", 5, "", "rrrrr", ["0r", "1r", "2r"], id="rounded up"),
        pytest.param("RollingUpdate", "1", 4, "w", "rrr", [], id="a new one is not Ready"),
        pytest.param("RollingUpdate", "1", 4, "", "err", [], id="one is ending, one is missing"),
        pytest.param("RollingUpdate", "1", 4, "", "rrr", [], id="a node has none"),
        pytest.param("RollingUpdate", "1", 4, "", "rwwr", ["1w", "2w"], id="what does not serve"),
        pytest.param("RollingUpdate", "0", 2, "", "rr", ["0r"], id="never none"),
        pytest.param("RollingUpdate", "1", 2, "rr", "", [], id="all are updated"),
        pytest.param("OnDelete", "1", 2, "", "rw", [], id="whoever deletes them decides"),
    ],
)
def test_no_more_go_than_may_be_missing(
    strategy: Literal["RollingUpdate", "OnDelete"],
    most: str,
    wanted: int,
    updated: str,
    others: str,
    goes: list[str],
) -> None:
    changed = msgspec.structs.replace(
        daemon_set("agent"), update_strategy=strategy, max_unavailable=most
    )
    found = to_replace(changed, wanted, pods(updated), pods(others))
    assert [it.name for it in found] == goes
