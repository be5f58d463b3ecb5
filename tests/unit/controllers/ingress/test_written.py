"""Objects that stand in files."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from kingtide.controllers.ingress.located import located
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.controllers.ingress.written import written_view
from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.manifests import Manifest, ManifestFile, read_manifests

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: api
  annotations:
    haproxy.org/pod-maxconn: "5"
spec:
  ports:
    - port: 80
"""
LIST = """\
{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "web"}},
  {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
   "metadata": {"name": "b", "labels": {"kubernetes.io/service-name": "api"}}},
  {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
   "metadata": {"name": "a", "labels": {"kubernetes.io/service-name": "api"}}},
  {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "all"}, "data": {"check": "no"}},
  {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}}
]}
"""


def objects(*texts: str) -> tuple[Manifest, ...]:
    files = [
        ManifestFile(PurePosixPath("x"), f"{number}.yaml", it.encode())
        for number, it in enumerate(texts)
    ]
    findings = Findings()
    found = read_manifests(files, findings)
    findings.raise_if_any()
    return found


def view(*texts: str) -> TrafficView:
    findings = Findings()
    found = written_view(objects(*texts), findings)
    findings.raise_if_any()
    return found


def test_lists_and_documents_of_several_files_are_one_view() -> None:
    found = view(SERVICE, LIST)
    assert list(found.ingresses) == ["default/web"]
    assert list(found.services) == ["default/api"]
    assert [it.name for it in found.slices["default/api"]] == ["a", "b"]
    assert found.config_maps["default/all"].data == {"check": "no"}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param(
            SERVICE.replace("port: 80", "port: http"),
            "0.yaml:9:13: spec.ports[0].port: Expected `int`, got `str`;"
            " write it as Service has it",
            id="a value of another type",
        ),
        pytest.param(
            SERVICE.replace("v1", "v1beta1"),
            "0.yaml:1:13: apiVersion: 'v1beta1' is no version of Service; write v1",
            id="a version that is gone",
        ),
        pytest.param(
            f"{SERVICE}---\n{SERVICE}",
            "0.yaml:11:1: Service default/api stands at 0.yaml:1 already; leave one of the two out",
            id="an object twice",
        ),
    ],
)
def test_what_is_no_object_is_told_with_its_place(text: str, mistake: str) -> None:
    with pytest.raises(Mistakes) as caught:
        view(text)
    assert str(caught.value) == mistake


@pytest.mark.parametrize(
    ("place", "line"),
    [
        pytest.param("spec.ports[0].port", 9, id="a field"),
        pytest.param("spec.ports[0].name", 9, id="what is missing, at what it is missing of"),
        pytest.param("metadata.annotations[pod-maxconn]", 6, id="an annotation by its short name"),
        pytest.param("metadata.annotations[check]", 6, id="one that stands elsewhere"),
    ],
)
def test_a_problem_is_found_in_its_file(place: str, line: int) -> None:
    (manifest,) = objects(SERVICE)
    assert located(manifest, place).line == line
