"""One object that two manifests of a cluster describe."""

from __future__ import annotations

import pytest

from tests.unit.check.rules.checking import found


def config_map(name: str = "flags", namespace: str = "shop", kind: str = "ConfigMap") -> str:
    return f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: {namespace}}}\n"


def of_group(version: str) -> str:
    """Return an object whose kind is one of several groups'."""
    return config_map(kind="Ingress").replace("v1", version, 1)


@pytest.mark.parametrize(
    ("files", "told_in"),
    [
        pytest.param({"a": "", "b": ""}, ["b"], id="both of every cluster"),
        pytest.param({"a": "", "prod/b": ""}, ["prod/b"], id="every cluster and one"),
        pytest.param({"prod/a": "", "prod/b": ""}, ["prod/b"], id="both of one cluster"),
        pytest.param({"prod/a": "", "other/b": ""}, [], id="of two clusters"),
        pytest.param({"a": "", "b": "", "c": ""}, ["b", "c"], id="three times"),
        pytest.param({"a": "", "b": config_map("more")}, [], id="another name"),
        pytest.param({"a": "", "b": config_map(namespace="api")}, [], id="another namespace"),
        pytest.param({"a": "", "b": config_map(kind="Secret")}, [], id="another kind"),
        pytest.param(
            {"a": of_group("networking.k8s.io/v1"), "b": of_group("example.dev/v1")},
            [],
            id="another group",
        ),
        pytest.param(
            {"a": of_group("example.dev/v1"), "b": of_group("example.dev/v1beta1")},
            ["b"],
            id="another version of the group",
        ),
    ],
)
def test_an_object_is_described_once_for_each_cluster(
    files: dict[str, str], told_in: list[str]
) -> None:
    texts = {f"manifests/{name}": text or config_map() for name, text in files.items()}
    said = found("KT116", **texts)
    assert [it.place.file for it in said] == [f"manifests/{name}.yaml" for name in told_in]
    assert all("stands in manifests/" in it.wrong for it in said)


def test_it_is_told_where_the_first_stands() -> None:
    first = config_map("other") + "---\n" + config_map()
    (it,) = found("KT116", manifests__a=first, manifests__b=config_map())
    assert it.wrong == "ConfigMap shop/flags stands in manifests/a.yaml:5 as well"
