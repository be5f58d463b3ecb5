import pytest

from tests.twin.worlds import START_MS, spec
from tests.unit.twin.cluster.parts import Parts


def test_a_pod_that_has_no_node_is_gone_at_once() -> None:
    parts = Parts()
    parts.deletion.delete(parts.add_pod("a"))
    assert parts.store.pods == {}


@pytest.mark.parametrize(
    ("own_seconds", "asked_seconds", "granted_seconds"),
    [(30, None, 30), (30, 5, 5), (30, 60, 60), (0, 5, 5)],
    ids=["its own", "shorter", "longer", "own is none"],
)
def test_a_pod_on_a_node_gets_its_grace(
    own_seconds: int, asked_seconds: int | None, granted_seconds: int
) -> None:
    parts = Parts()
    pod = parts.add_pod("a", "n1", pod_spec=spec(1, grace_seconds=own_seconds))
    parts.deletion.delete(pod, asked_seconds)
    deleted = parts.pod("a")
    assert (deleted.deletion_ms, deleted.deletion_grace_seconds) == (START_MS, granted_seconds)


@pytest.mark.parametrize(("own", "asked"), [(0, None), (30, 0)], ids=["of its own", "asked for"])
def test_without_grace_a_pod_is_gone_at_once_though_it_runs(own: int, asked: int | None) -> None:
    parts = Parts()
    pod = parts.add_pod("a", "n1", pod_spec=spec(1, grace_seconds=own), ready=True)
    parts.deletion.delete(pod, asked)
    assert parts.store.pods == {}


def test_the_grace_of_a_pod_being_deleted_can_be_shortened_only() -> None:
    parts = Parts()
    parts.deletion.delete(parts.add_pod("a", "n1"), 20)
    written = parts.store.revision
    parts.deletion.delete(parts.pod("a"), 25)
    parts.deletion.delete(parts.pod("a"))
    assert parts.store.revision == written
    parts.deletion.delete(parts.pod("a"), 5)
    assert parts.pod("a").deletion_grace_seconds == 5
    assert parts.pod("a").deletion_ms == START_MS
