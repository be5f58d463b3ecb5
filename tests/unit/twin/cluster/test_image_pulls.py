from __future__ import annotations

from kingtide.twin.cluster.image_pulls import ImagePulls, PullRates
from kingtide.twin.engine import Engine, EventClass


class Storm:
    """Pulls through a registry of 100 bytes/ms to nodes of 50 bytes/ms, images of 1,000 bytes."""

    def __init__(self) -> None:
        self.engine = Engine(0)
        self.pulls = ImagePulls(self.engine, PullRates(100, 50, 1_000))
        self.ended: dict[str, int] = {}

    def pull(self, pod: str, node: str, image: str = "api", at_ms: int = 0) -> None:
        def done() -> None:
            self.ended[pod] = self.engine.now_ms

        self.engine.at(at_ms, EventClass.WORLD, self.pulls.pull, node, image, done)

    def run(self) -> dict[str, int]:
        self.engine.run_until(1_000_000)
        return self.ended


def test_one_pull_takes_what_its_node_can_take() -> None:
    storm = Storm()
    storm.pull("a", "n1")
    assert storm.run() == {"a": 20}


def test_nodes_share_the_registry_evenly() -> None:
    storm = Storm()
    for number in range(4):
        storm.pull(f"p{number}", f"n{number}")
    assert storm.run() == {"p0": 40, "p1": 40, "p2": 40, "p3": 40}


def test_a_node_pulls_one_image_after_the_other() -> None:
    storm = Storm()
    storm.pull("a", "n1", "api")
    storm.pull("b", "n1", "front")
    assert storm.run() == {"a": 20, "b": 40}


def test_pods_of_one_image_on_one_node_wait_for_the_same_pull() -> None:
    storm = Storm()
    storm.pull("a", "n1")
    storm.pull("b", "n1", at_ms=10)
    assert storm.run() == {"a": 20, "b": 20}


def test_an_image_that_a_node_has_is_there_at_once() -> None:
    storm = Storm()
    storm.pull("a", "n1")
    storm.pull("b", "n1", at_ms=500)
    assert storm.run() == {"a": 20, "b": 500}


def test_pulls_slow_each_other_down_from_when_they_meet() -> None:
    storm = Storm()
    for number in range(3):
        storm.pull(f"p{number}", f"n{number}")
    storm.pull("late", "n9", at_ms=10)
    # 33 bytes/ms for 10 ms, then 25 for the 670 bytes that are left of the first three; the late
    # one has 325 bytes left by then, at the 50 its own node takes.
    ended = storm.run()
    assert ended == {"p0": 37, "p1": 37, "p2": 37, "late": 37 + (1_000 - 27 * 25 + 49) // 50}
