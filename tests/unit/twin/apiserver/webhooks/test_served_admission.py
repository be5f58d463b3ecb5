"""What a served world does with webhooks that are registered in it, and with rules of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from kingtide.controllers.admission.webhooks import UrlReach, webhook_configurations
from kingtide.fleet.policies.admission import AdmissionPolicy, GuaranteedAdmission
from tests.served_world import served_world
from tests.unit.controllers.admission.objects import Body, container, daemon_set, pod

BOTH = {"cpu": "100m", "memory": "64Mi"}
PODS = "/api/v1/namespaces/default/pods"
DAEMON_SETS = "/apis/apps/v1/namespaces/default/daemonsets"
REGISTRATION = "/apis/admissionregistration.k8s.io/v1/"


def in_default(body: Body) -> Body:
    body["metadata"]["namespace"] = "default"
    return body


def register(client: httpx2.Client, **changes: Any) -> None:
    reach = UrlReach("https://127.0.0.1:9", "127.0.0.1")  # the discard port: nobody listens
    for it in webhook_configurations(AdmissionPolicy(), reach):
        for entry in it["webhooks"]:
            entry.update(changes)
        plural = f"{it['kind'].lower()}s"
        assert client.post(REGISTRATION + plural, json=it).status_code == 201


def test_while_nobody_answers_the_failure_policy_decides(tmp_path: Path) -> None:
    with served_world(tmp_path) as served, served.client() as client:
        register(client)
        assert client.post(PODS, json=in_default(pod())).status_code == 201
        refused = client.post(DAEMON_SETS, json=in_default(daemon_set(container(BOTH, BOTH))))
        assert refused.status_code == 500
        what = 'failed calling webhook "closed.validate.admission.kingtide.dev"'
        assert what in refused.json()["message"]


@pytest.mark.parametrize(
    ("client_config", "told"),
    [
        ({"service": {"namespace": "a", "name": "b"}}, "a Service cannot be called from here"),
        ({"url": "https://192.0.2.1/"}, "is no https address of this machine"),
        ({"url": "http://127.0.0.1/"}, "is no https address of this machine"),
        ({"url": "https://127.0.0.1:9", "caBundle": "bm9uZQ=="}, "Error"),
    ],
    ids=["service", "the-world", "no-tls", "no-certificates"],
)
def test_what_cannot_be_called_says_why(tmp_path: Path, client_config: Body, told: str) -> None:
    with served_world(tmp_path) as served, served.client() as client:
        register(client, clientConfig=client_config, failurePolicy="Fail")
        refused = client.post(PODS, json=in_default(pod()))
        assert refused.status_code == 500
        assert told in refused.json()["message"]


def test_selectors_leave_objects_out(tmp_path: Path) -> None:
    with served_world(tmp_path) as served, served.client() as client:
        register(client, failurePolicy="Fail", objectSelector={"matchLabels": {"asked": "yes"}})
        assert client.post(PODS, json=in_default(pod())).status_code == 201
        asked = in_default(pod())
        asked["metadata"] |= {"name": "two", "labels": {"asked": "yes"}}
        assert client.post(PODS, json=asked).status_code == 500


def test_where_the_files_ask_for_admission_the_rules_hold_without_a_webhook(
    tmp_path: Path,
) -> None:
    policy = AdmissionPolicy(daemon_sets=GuaranteedAdmission(failure="open"))
    with (
        served_world(
            tmp_path, change=lambda it: msgspec.structs.replace(it.definition, admission=policy)
        ) as served,
        served.client() as client,
    ):
        refused = client.post(DAEMON_SETS, json=in_default(daemon_set(container(BOTH))))
        assert refused.status_code == 403
        assert "kingtide admission denied the request: daemonSets" in refused.json()["message"]
        made = client.post(PODS, json=in_default(pod()))
        assert made.status_code == 201
        assert made.json()["spec"]["dnsConfig"]["options"][-1] == {"name": "ndots", "value": "1"}
