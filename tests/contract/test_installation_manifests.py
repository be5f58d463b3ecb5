"""What `kingtide install` prints holds against Kubernetes' own schemas, as strictly as they go."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from kingtide.compile.yaml_text import yaml_text
from kingtide.operate.installation.manifests import documents
from tests.contract.test_compiled_documents import KUBERNETES_VERSION
from tests.unit.operate.installation.installations import QUEUE, installation


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"queue": QUEUE}, id="on the tools' nodes"),
        pytest.param({"group": "none", "watch_only": True}, id="anywhere, watching"),
        pytest.param({"monitoring": "service-monitor"}, id="with a ServiceMonitor"),
        pytest.param({"admission": True}, id="with admission"),
        pytest.param({"ingress": True}, id="with ingress"),
    ],
)
def test_the_api_server_knows_every_field(settings: dict[str, Any]) -> None:
    kinds = []
    for it in documents(installation(**settings)):
        if it.kind == "ServiceMonitor":
            continue  # a custom resource: its schema comes with the operator
        read = yaml.load(yaml_text(it.body), Loader=yaml.CSafeLoader)
        kubernetes_validate.validate(read, KUBERNETES_VERSION, strict=True)
        kinds.append(it.kind)
    assert kinds.index("Namespace") < kinds.index("Role") < kinds.index("Deployment")
