from __future__ import annotations

from typing import Any

from kingtide.operate.installation.admission import admission, grants, process
from kingtide.operate.installation.manifests import manifests
from tests.unit.operate.installation.installations import installation


def of_kind(kind: str, **settings: Any) -> list[Any]:
    return [it.body for it in admission(installation(**settings)) if it.kind.endswith(kind)]


def test_what_api_servers_ask_is_a_service_whose_pods_listen_there() -> None:
    (service,) = of_kind("Service")
    (deployment,) = of_kind("Deployment")
    template = deployment["spec"]["template"]
    (port,) = service["spec"]["ports"]
    named = {it["name"]: it for it in template["spec"]["containers"][0]["ports"]}
    assert port["targetPort"] in named
    assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
    for configuration in of_kind("WebhookConfiguration"):
        for entry in configuration["webhooks"]:
            asked = entry["clientConfig"]["service"]
            assert asked["name"] == service["metadata"]["name"]
            assert asked["namespace"] == service["metadata"]["namespace"]
            assert asked["port"] == port["port"]


def test_who_asks_comes_after_who_is_asked() -> None:
    kinds = [it.kind for it in admission(installation())]
    assert kinds.index("Deployment") < kinds.index("Service")
    assert kinds[-2:] == ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"]


def test_it_may_write_its_own_secret_and_its_own_configurations_and_nothing_else() -> None:
    written = {
        (right.verb, right.resource, grant.namespace, grant.names)
        for grant in grants()
        for right in grant.rights
        if right.verb not in ("get", "list", "watch")
    }
    ours = ("kingtide-admission",)
    assert written == {
        ("create", "secrets", "kingtide-system", ()),
        ("patch", "secrets", "kingtide-system", ours),
        ("patch", "mutatingwebhookconfigurations", "", ours),
        ("patch", "validatingwebhookconfigurations", "", ours),
    }


def test_where_all_only_watch_every_rule_only_tells() -> None:
    assert "--dry-run" in process(installation(watch_only=True)).arguments
    assert "--dry-run" not in process(installation()).arguments


def test_it_can_be_installed_without_controllers_and_they_without_it() -> None:
    alone = manifests(installation("none", admission=True))
    assert [*alone] == ["1-namespaces.yaml", "2-fleet.yaml", "6-admission.yaml"]
    assert "6-admission.yaml" not in manifests(installation())
    assert "6-admission.yaml" in manifests(installation(admission=True))
