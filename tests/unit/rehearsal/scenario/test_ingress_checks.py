"""A scenario's ingress: what it becomes, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.run_notes import notes
from kingtide.twin.requests import RETRIES, TAKES_OVER, Requests
from tests.unit.rehearsal.scenario.reading import mistakes, read

ASKED = "applications.web.ingress={host: a.b, path: /x, cpuPerRequest: 20ms}"
MANIFEST = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: any}
spec:
  rules:
    - host: a.b
      http:
        paths:
          - {path: /x, pathType: Prefix, backend: {service: {name: SERVICE, port: {number: 80}}}}
"""


def test_without_manifests_an_application_has_an_ingress_of_its_own(tmp_path: Path) -> None:
    world = build_world(read(tmp_path, ASKED, "ingress.endpointSlice=2s"))
    traffic = world.ingress
    assert traffic is not None
    (ingress,) = traffic.ingresses
    assert (ingress.key, ingress.rules[0].host) == ("default/web", "a.b")
    assert (traffic.retries, traffic.takes_over) == (RETRIES, TAKES_OVER)
    assert traffic.endpoint_slice.points == ((0, 2_000), (100, 2_000))
    assert [it.requests for it in world.applications[:2]] == [Requests("a.b", "/x", 20), None]


def test_manifests_say_the_rules_and_other_requests_meet_none(tmp_path: Path) -> None:
    (tmp_path / "ingress.yaml").write_text(MANIFEST.replace("SERVICE", "web"))
    manifests = f"ingress.manifests={tmp_path / 'ingress.yaml'}"
    traffic = read(tmp_path, ASKED.replace("/x", "/y"), manifests).ingress
    assert traffic is not None
    assert [it.key for it in traffic.ingresses] == ["default/any"]


def test_a_record_says_that_the_way_to_the_proxy_is_judged(tmp_path: Path) -> None:
    def judged(*settings: str) -> bool:
        return any("ingress.endpointSlice" in it for it in notes(read(tmp_path, *settings)))

    assert judged(ASKED)
    assert not judged(ASKED, "ingress.endpointSlice=2s")
    assert not judged()


def test_a_scenario_that_asks_for_none_has_none(tmp_path: Path) -> None:
    assert read(tmp_path).ingress is None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        pytest.param(
            ("ingress={}",),
            ["spec.ingress: no application has an `ingress:`; say for which host and path it is"],
            id="for nobody",
        ),
        pytest.param(
            (ASKED, "ingress.retries=1000000"),
            ["spec.ingress.retries: 1,000,000 tries of a request are more than anybody waits for"],
            id="tries without end",
        ),
        pytest.param(
            ("applications.web.ingress={host: 'a b', path: x}",),
            [
                "host: it is no DNS name: letters, digits, hyphens and dots",
                "path: it does not begin with a slash",
            ],
            id="no host and no path",
        ),
        pytest.param(
            ("applications.worker.ingress={host: a.b}",),
            ["worker.ingress: has no demand that could come in; add `demand:`"],
            id="without demand",
        ),
        pytest.param(
            (ASKED, "ingress.manifests=nowhere.yaml"),
            ["nowhere.yaml: does not exist"],
            id="no such file",
        ),
        pytest.param(
            (ASKED, "ingress.retries=-1"),
            ["spec.ingress.retries: "],
            id="fewer than no retries",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    tmp_path: Path, settings: tuple[str, ...], told: list[str]
) -> None:
    found = mistakes(tmp_path, *settings)
    assert len(found) == len(told)
    assert all(part in text for part, text in zip(told, found, strict=True)), found


def test_a_rule_that_leads_to_another_application_is_told(tmp_path: Path) -> None:
    (tmp_path / "ingress.yaml").write_text(MANIFEST.replace("SERVICE", "api"))
    manifests = f"ingress.manifests={tmp_path / 'ingress.yaml'}"
    other = "applications.api={requests: {cpu: 1}}"
    (found,) = mistakes(tmp_path, ASKED, other, manifests)
    assert "web.ingress: a.b/x goes to Service default/api, not to default/web" in found
