import pytest

from kingtide.kube.pods import (
    Condition,
    Container,
    Pod,
    PodSpec,
    cpu_limit_millicores,
    pod_requests,
)
from kingtide.kube.resources import Resources


def container(cpu: int, *, limit: int | None = None, sidecar: bool = False) -> Container:
    limits = None if limit is None else Resources(limit)
    return Container("c", "", Resources(cpu), limits, always_restarts=sidecar)


@pytest.mark.parametrize(
    ("spec", "millicores"),
    [
        pytest.param(PodSpec((container(100), container(200))), 300, id="containers add up"),
        pytest.param(
            PodSpec((container(100),), (container(50), container(70))), 100, id="small init steps"
        ),
        pytest.param(PodSpec((container(100),), (container(500),)), 500, id="a large init step"),
        pytest.param(
            PodSpec((container(100),), (container(30, sidecar=True),)),
            130,
            id="a sidecar runs along",
        ),
        pytest.param(
            PodSpec((container(100),), (container(30, sidecar=True), container(90))),
            130,
            id="an init step beside an earlier sidecar",
        ),
        pytest.param(
            PodSpec((container(100),), (container(30, sidecar=True), container(200))),
            230,
            id="a large init step beside an earlier sidecar",
        ),
        pytest.param(
            PodSpec((container(100),), (container(200), container(30, sidecar=True))),
            200,
            id="a large init step before the sidecar",
        ),
        pytest.param(
            PodSpec((container(100),), overhead=Resources(25)), 125, id="overhead comes on top"
        ),
    ],
)
def test_the_requests_of_a_pod(spec: PodSpec, millicores: int) -> None:
    assert pod_requests(spec).cpu_millicores == millicores


@pytest.mark.parametrize(
    ("limits", "expected"),
    [((500,), 500), ((500, 250), 750), ((500, None), None), ((500, 0), None)],
    ids=["one", "sum", "one without", "zero is none"],
)
def test_the_cpu_limit_of_a_pod(limits: tuple[int | None, ...], expected: int | None) -> None:
    spec = PodSpec(tuple(container(100, limit=limit) for limit in limits))
    assert cpu_limit_millicores(spec) == expected


def pod(**changes: object) -> Pod:
    fields: dict[str, object] = {
        "namespace": "shop", "name": "a", "uid": "1", "spec": PodSpec((container(1),)),
        "labels": {}, "created_ms": 0, **changes,
    }  # fmt: skip
    return Pod(**fields)  # type: ignore[arg-type]  # the fields of one table row


UNSCHEDULABLE = Condition("False", 0, "Unschedulable")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, False, id="not tried yet"),
        pytest.param({"scheduled": UNSCHEDULABLE}, True, id="tried in vain"),
        pytest.param({"scheduled": UNSCHEDULABLE, "node_name": "n"}, False, id="bound"),
        pytest.param({"scheduled": UNSCHEDULABLE, "deletion_ms": 1}, False, id="being deleted"),
        pytest.param({"scheduled": Condition("False", 0, "SchedulingGated")}, False, id="gated"),
    ],
)
def test_a_pod_is_unschedulable(changes: dict[str, object], *, expected: bool) -> None:
    assert pod(**changes).is_unschedulable is expected


@pytest.mark.parametrize(
    ("ready", "expected"),
    [(None, False), (Condition("True", 0), True), (Condition("Unknown", 0), False)],
    ids=["unwritten", "True", "Unknown"],
)
def test_a_pod_is_ready_only_when_its_condition_is_true(
    ready: Condition | None, *, expected: bool
) -> None:
    assert pod(ready=ready).is_ready is expected
