from __future__ import annotations

import pytest

from kingtide.check.rules.tools.fleet_tools import tool_yaml
from kingtide.check.rules.workloads import name_resolution, shared_nodes
from tests.unit.check.rules.tools.fleets import found

TOOLS = {"prometheus": tool_yaml("prometheus")}
FILE = "tools/prometheus/values.yaml"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://vminsert.monitoring.svc.cluster.local.:8480/insert", False),
        ("http://vminsert.monitoring.svc.cluster.local:8480/insert", True),
        ("http://vminsert.monitoring:8480", True),
        ("http://vminsert.elsewhere:8480", False),
        ("https://metrics.acme.com", False),
    ],
)
def test_values_name_services_in_full(url: str, told: bool) -> None:
    values = f"server: {{remoteWrite: [{{url: '{url}'}}]}}\n"
    notes = found(name_resolution.RULES, "KT408", TOOLS, files={FILE: values})
    assert [it.partition(":")[0] for it in notes] == (
        [f"{FILE} server.remoteWrite[0].url"] if told else []
    )


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("image: {repository: acme/prometheus, tag: 3.1-alpine}", True),
        ("image: {repository: acme/prometheus, tag: v3.1.0}", False),
        ("description: not for alpine", False),
    ],
)
def test_values_name_no_images_on_musl(values: str, told: bool) -> None:
    notes = found(shared_nodes.RULES, "KT407", TOOLS, files={FILE: f"{values}\n"})
    assert bool(notes) is told
