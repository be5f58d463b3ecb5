from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.control.report import Detail
from kingtide.report.seen_sentences import seen_text


@pytest.mark.parametrize(
    ("saw", "text"),
    [
        pytest.param(
            {"nodes": 92, "nodes_unready": 0, "nodes_changed": 3, "pods_waiting": 22},
            "92 nodes (3 changed since the last pass), 22 pods waiting",
            id="a pass",
        ),
        pytest.param(
            {"nodes": 1, "nodes_upcoming": 1, "pods_waiting": 1, "groups_in_backoff": 1},
            "1 node, 1 node on its way, 1 pod waiting, 1 group left alone after a failure",
            id="one of each",
        ),
        pytest.param(
            {"nodes": 0, "nodes_changed": 2},
            "0 nodes (2 changed since the last pass)",
            id="the last ones went",
        ),
        pytest.param({"cores": 1_200, "nodes": 2}, "2 nodes, 1,200 schedulable cores", id="many"),
        pytest.param({"nodes": 0, "pods_waiting": 0}, "", id="nothing"),
        pytest.param({"moons_seen": 4, "sky": "dark"}, "moons seen 4, dark", id="unknown"),
    ],
)
def test_a_pass_is_told_in_numbers_with_their_nouns(saw: Mapping[str, Detail], text: str) -> None:
    assert seen_text(saw) == text
