from __future__ import annotations

from kingtide.control.action import Action, PatchScale
from kingtide.control.outcome import Outcome
from kingtide.twin.seams import Writes

SCALE = PatchScale(namespace="shop", name="api", replicas=3, expected_replicas=2, reason="test")


def test_a_write_is_told_before_and_after_it_is_done_with_its_controller() -> None:
    told: list[str] = []
    writes = Writes()
    writes.listen(
        lambda controller, action, outcome: told.append(f"{controller} {outcome.status}"),
        lambda controller, action: told.append(f"{controller} will"),
    )

    def perform(action: Action) -> Outcome:
        told.append("done")
        return Outcome(action, "done", 0)

    assert writes.told("overprovisioning/0", perform)(SCALE).status == "done"
    assert told == ["overprovisioning/0 will", "done", "overprovisioning/0 done"]


def test_restarts_are_counted_by_controller() -> None:
    writes = Writes()
    writes.restarted("node_autoscaling")
    writes.restarted("node_autoscaling")
    assert writes.restarts == {"node_autoscaling": 2}
