"""Server-side apply: what becomes of an object and of who owns its fields."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.kube.applying.apply import Applied, Conflicts, applied, updated
from kingtide.kube.applying.managed import Managed, Manager, managed_body, read_managed
from kingtide.kube.applying.owned import DuplicateElements, owned_fields
from tests.unit.kube.types import DEPLOYMENT

KUBECTL = Manager("kubectl", "Apply", "apps/v1")
OTHER = Manager("other", "Apply", "apps/v1")
HPA = Manager("kube-controller-manager", "Update", "apps/v1")
AT = "2026-11-22T20:00:00Z"


def deployment(
    replicas: int | None = None, labels: Any = None, **containers: Any
) -> dict[str, Any]:
    spec: dict[str, Any] = {} if replicas is None else {"replicas": replicas}
    if containers:
        found = [{"name": name, **fields} for name, fields in containers.items()]
        spec["template"] = {"spec": {"containers": found}}
    metadata = {"name": "web"} | ({} if labels is None else {"labels": labels})
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def apply(
    live: Any, config: Any, managed: Any = (), manager: Manager = KUBECTL, **options: Any
) -> Applied:
    return applied(live, config, managed, manager, DEPLOYMENT, at=AT, **options)


def fields_of(managed: tuple[Managed, ...], manager: Manager) -> Any:
    return next((it.fields for it in managed if it.manager == manager), None)


def test_fields_of_a_configuration_are_named_as_kubernetes_names_them() -> None:
    config = deployment(
        2,
        {"app": "web"},
        web={"image": "web:1", "ports": [{"containerPort": 80}], "args": ["-v"]},
    )

    assert owned_fields(config, DEPLOYMENT) == {
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {
            "f:replicas": {},
            "f:template": {
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"web"}': {
                            ".": {},
                            "f:name": {},
                            "f:image": {},
                            "f:args": {},
                            "f:ports": {
                                'k:{"containerPort":80,"protocol":"TCP"}': {
                                    ".": {},
                                    "f:containerPort": {},
                                }
                            },
                        }
                    }
                }
            },
        },
    }


def test_an_atomic_map_is_owned_as_a_whole() -> None:
    config = {"spec": {"selector": {"matchLabels": {"app": "web"}}}}

    assert owned_fields(config, DEPLOYMENT) == {"f:spec": {"f:selector": {}}}


def test_two_elements_of_one_key_are_refused() -> None:
    config = deployment()
    config["spec"]["template"] = {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}

    with pytest.raises(DuplicateElements, match='name="a"'):
        apply({}, config)


def test_what_another_manager_set_to_another_value_is_a_conflict() -> None:
    live = deployment(5)
    managed = (Managed(HPA, {"f:spec": {"f:replicas": {}}}, AT),)

    with pytest.raises(Conflicts) as refused:
        apply(live, deployment(3), managed)

    assert str(refused.value) == (
        'Apply failed with 1 conflict: conflict with "kube-controller-manager" using apps/v1 at '
        f"{AT}: .spec.replicas"
    )
    assert [it.field for it in refused.value.conflicts] == [".spec.replicas"]


def test_several_conflicts_are_told_by_manager() -> None:
    live = deployment(5, web={"image": "web:1"})
    image: dict[str, Any] = {'k:{"name":"web"}': {".": {}, "f:image": {}}}
    fields = {"f:replicas": {}, "f:template": {"f:spec": {"f:containers": image}}}
    managed = (Managed(OTHER, {"f:spec": fields}),)

    with pytest.raises(Conflicts) as refused:
        apply(live, deployment(3, web={"image": "web:2"}), managed)

    assert str(refused.value) == (
        'Apply failed with 2 conflicts: conflicts with "other":\n'
        "- .spec.replicas\n"
        '- .spec.template.spec.containers[name="web"].image'
    )


def test_the_same_value_is_owned_by_both() -> None:
    managed = (Managed(OTHER, {"f:spec": {"f:replicas": {}}}),)

    after = apply(deployment(3), deployment(3), managed)

    assert fields_of(after.managed, OTHER) == {"f:spec": {"f:replicas": {}}}
    assert fields_of(after.managed, KUBECTL) == {"f:spec": {"f:replicas": {}}}


def test_force_takes_the_field_from_its_owner() -> None:
    managed = (Managed(OTHER, {"f:spec": {"f:replicas": {}, "f:strategy": {}}}),)

    after = apply(deployment(5), deployment(3), managed, force=True)

    assert after.body["spec"]["replicas"] == 3
    assert fields_of(after.managed, OTHER) == {"f:spec": {"f:strategy": {}}}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            deployment(3, {"a": "1", "b": "2"}),
            deployment(3, {"a": "1"}),
            deployment(3, {"a": "1"}),
            id="a label",
        ),
        pytest.param(
            deployment(3, {"a": "1"}), deployment(3), deployment(3), id="the last label and the map"
        ),
        pytest.param(
            deployment(3, web={"image": "w"}, log={"image": "l"}),
            deployment(3, web={"image": "w"}),
            deployment(3, web={"image": "w"}),
            id="a container",
        ),
    ],
)
def test_what_is_no_longer_applied_goes(first: Any, second: Any, expected: Any) -> None:
    before = apply(deployment(), first)

    after = apply(before.body, second, before.managed)

    assert after.body == expected


def test_a_container_that_is_no_longer_applied_takes_its_defaults_with_it() -> None:
    before = apply(deployment(), deployment(web={"image": "w"}, log={"image": "l"}))
    live = before.body
    live["spec"]["template"]["spec"]["containers"][1]["imagePullPolicy"] = "IfNotPresent"

    after = apply(live, deployment(web={"image": "w"}), before.managed)

    assert [it["name"] for it in after.body["spec"]["template"]["spec"]["containers"]] == ["web"]


def test_what_another_manager_has_in_a_container_keeps_the_container() -> None:
    first = apply(deployment(), deployment(web={"image": "w"}, log={"image": "l", "args": ["-v"]}))
    both = apply(first.body, deployment(log={"image": "l"}), first.managed, OTHER)

    after = apply(both.body, deployment(web={"image": "w"}), both.managed)

    containers = after.body["spec"]["template"]["spec"]["containers"]
    assert containers == [{"name": "web", "image": "w"}, {"name": "log", "image": "l"}]


def test_what_another_manager_sets_too_stays() -> None:
    first = apply(deployment(), deployment(3, {"a": "1"}))
    both = apply(first.body, deployment(3), first.managed, OTHER)

    after = apply(both.body, deployment(labels={"a": "1"}), both.managed)

    assert after.body["spec"]["replicas"] == 3
    assert fields_of(after.managed, KUBECTL) == {
        "f:metadata": {"f:labels": {"f:a": {}}},
        "f:spec": {},
    }


def test_applying_the_same_again_changes_nothing_not_even_the_time() -> None:
    first = apply(deployment(), deployment(3))

    again = applied(
        first.body, deployment(3), first.managed, KUBECTL, DEPLOYMENT, at="2026-11-22T21:00:00Z"
    )

    assert again == first


def test_an_update_owns_what_it_changed_and_takes_it_from_others() -> None:
    first = apply(deployment(), deployment(3, {"a": "1"}))
    after_body = deployment(4, {"a": "1", "b": "2"})

    managed = updated(first.body, after_body, first.managed, HPA, DEPLOYMENT, at=AT)

    assert fields_of(managed, KUBECTL) == {"f:metadata": {"f:labels": {"f:a": {}}}}
    assert fields_of(managed, HPA) == {
        "f:metadata": {"f:labels": {"f:b": {}}},
        "f:spec": {"f:replicas": {}},
    }


def test_a_map_that_an_update_made_is_owned_with_what_is_in_it() -> None:
    managed = updated({}, deployment(labels={"a": "1"}), (), HPA, DEPLOYMENT, at=AT)

    assert fields_of(managed, HPA) == {
        "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
        "f:spec": {},
    }


def test_a_manager_whose_fields_are_all_gone_is_forgotten() -> None:
    first = apply(deployment(), deployment(3), manager=OTHER)

    managed = updated(first.body, deployment(4), first.managed, HPA, DEPLOYMENT, at=AT)

    assert [it.manager.name for it in managed] == ["kube-controller-manager"]


def test_managed_fields_are_read_as_they_are_written() -> None:
    sub = Manager("scaler", "Update", "apps/v1", "scale")
    managed = (Managed(KUBECTL, {"f:spec": {"f:replicas": {}}}, AT), Managed(sub, {"f:a": {}}, AT))

    assert read_managed(managed_body(managed)) == managed


def test_more_updaters_than_are_kept_become_one() -> None:
    managed: tuple[Managed, ...] = ()
    body: dict[str, Any] = deployment(labels={})
    for number in range(15):
        after = deployment(labels={f"l{it}": "1" for it in range(number + 1)})
        who = Manager(f"m{number}", "Update", "apps/v1")
        at = f"2026-11-22T20:{number:02d}:00Z"
        managed, body = updated(body, after, managed, who, DEPLOYMENT, at=at), after

    assert len(managed) == 10
    ancient = next(it for it in managed if it.manager.name == "ancient-changes")
    assert {f"f:l{it}" for it in range(6)} == {
        it for it in ancient.fields["f:metadata"]["f:labels"] if it != "."
    }
