from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kingtide.rehearsal.comparison.assumptions import assumptions, with_assumption
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.definition import WorldDefinition
from kingtide.twin.latencies import DEFAULT_LATENCIES, Latency
from tests.small_rehearsal import SCENARIO, with_lines, write_small

OWN = "readyAfter: {points: [[0, 4s], [100, 8s]], source: judged, assumed: true}"


@pytest.fixture
def definition(tmp_path: Path) -> WorldDefinition:
    scenario = with_lines(SCENARIO, ("readyAfter: 5s", OWN))
    return prepare(write_small(tmp_path, scenario=scenario)).definition


def test_every_judged_latency_is_an_assumption_and_no_sourced_one(
    definition: WorldDefinition,
) -> None:
    found = assumptions(definition)
    judged = {name for name, latency in DEFAULT_LATENCIES.items() if latency.assumed}
    # node.boot is set by the scenario, which does not call it an assumption.
    assert set(found) == (judged - {"node.boot"}) | {"app.web.readyAfter"}


def test_one_latency_is_scaled_and_nothing_else_changes(definition: WorldDefinition) -> None:
    changed = with_assumption(definition, "kubelet.pull_image", 50)
    default = DEFAULT_LATENCIES["kubelet.pull_image"]
    assert changed.latencies["kubelet.pull_image"] == default.scaled(50)
    back = msgspec.structs.replace(changed, latencies=definition.latencies)
    assert back == definition


def test_an_applications_own_start_is_scaled(definition: WorldDefinition) -> None:
    changed = with_assumption(definition, "app.web.readyAfter", 200)
    web = next(a for a in changed.applications if a.name == "web")
    assert isinstance(web.ready_after_ms, Latency)
    assert web.ready_after_ms.points == ((0, 8_000), (100, 16_000))
    assert changed.latencies == definition.latencies


def test_what_is_no_assumption_is_not_scaled(definition: WorldDefinition) -> None:
    with pytest.raises(KeyError):
        with_assumption(definition, "node.boot", 50)
