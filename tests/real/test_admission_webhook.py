"""`kingtide run admission`, a process of its own, asked by a served twin when kubectl writes."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kingtide.controllers.admission.webhooks import CONFIGURATION
from tests.free_ports import free_port
from tests.read_only_files import KINGTIDE
from tests.served_world import ServedWorld, served_world

KUBECTL = str(Path(sys.executable).with_name("kubectl"))
PATIENCE_SECONDS = 60
"""For a process to start on a machine that is busy with other tests."""
HEAD = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent, namespace: shop}\n"
AGENT = f"""\
{HEAD}
spec:
  selector: {{matchLabels: {{app: agent}}}}
  template:
    metadata: {{labels: {{app: agent}}}}
    spec:
      containers:
        - name: agent
          image: registry.example.com/agent:1
          resources: {{requests: {{cpu: 100m, memory: 64Mi}}}}
"""
LIMITED = AGENT.replace("resources: {", "resources: {limits: {cpu: 100m, memory: 64Mi}, ")
NAMESPACES = """\
{apiVersion: v1, kind: Namespace, metadata: {name: kingtide-system}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: api, labels: {kingtide.dev/node-group: api}}
"""


def pod(namespace: str, name: str) -> str:
    spec = {"containers": [{"name": "main", "image": "registry.example.com/main:1"}]}
    metadata = {"name": name, "namespace": namespace}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


class Shell:
    """kubectl with the served world's kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        self._environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [KUBECTL, *arguments],
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def with_authority_in_a_file(kubeconfig: Path) -> Path:
    """As a service account has it; what stands in a kubeconfig itself is put into a file first."""
    found = json.loads(kubeconfig.read_text())
    (cluster,) = (it["cluster"] for it in found["clusters"])
    authority = kubeconfig.with_name("ca.crt")
    authority.write_bytes(base64.b64decode(cluster.pop("certificate-authority-data")))
    cluster["certificate-authority"] = str(authority)
    written = kubeconfig.with_name("kubeconfig-of-files")
    written.write_text(json.dumps(found))
    return written


@contextmanager
def webhook(folder: Path, kubeconfig: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the webhook's process until the block ends, or it was ended in it."""
    line = [*KINGTIDE, "run", "admission", "--cluster", "prod", "--fleet", str(folder / "fleet")]
    line += ["--kubeconfig", str(kubeconfig), "--listen", "none", "--json"]
    line += ["--webhook", str(port), "--webhook-url", f"https://127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log, subprocess.Popen(line, stderr=log) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def until(holds: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.05)


def is_registered(client: httpx2.Client) -> bool:
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/"
    found = client.get(path + CONFIGURATION)
    return found.status_code == 200 and all(
        it["clientConfig"].get("caBundle") for it in found.json()["webhooks"]
    )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedWorld]:
    with served_world(tmp_path) as found:
        cluster = tmp_path / "fleet" / "clusters" / "prod.yaml"
        cluster.write_text(cluster.read_text() + "  admission: {}\n")
        yield found


def test_kubectl_is_told_what_admission_refuses_and_pods_get_what_they_lack(
    served: ServedWorld, tmp_path: Path
) -> None:
    kubeconfig, port, log = served.write_kubeconfig(tmp_path), free_port(), tmp_path / "log"
    kubectl = Shell(kubeconfig)
    made = kubectl("create", "-f", "-", stdin=NAMESPACES)
    assert made.returncode == 0, made.stderr
    with webhook(tmp_path, with_authority_in_a_file(kubeconfig), port), served.client() as client:
        until(lambda: is_registered(client), log)
        until(lambda: "registered" in log.read_text(), log)

        refused = kubectl("create", "-f", "-", stdin=AGENT)
        assert refused.returncode == 1
        assert refused.stderr.startswith(
            'Error from server (Forbidden): error when creating "STDIN": admission webhook'
            ' "closed.validate.admission.kingtide.dev" denied the request: daemonSets:'
            " spec.template.spec.containers[0].resources.limits.cpu is missing, and container"
            " agent requests 100m; write limits.cpu: 100m;"
        )
        for line in (("create",), ("apply", "--server-side"), ("apply",)):
            kubectl("delete", "daemonset", "agent", "-n", "shop", "--ignore-not-found")
            let_in = kubectl(*line, "-f", "-", stdin=LIMITED)
            assert let_in.returncode == 0, let_in.stderr

        made = kubectl("create", "-f", "-", "-o", "json", stdin=pod("api", "one"))
        assert made.returncode == 0, made.stderr
        spec: dict[str, Any] = json.loads(made.stdout)["spec"]
        assert spec["nodeSelector"] == {"kingtide.dev/node-group": "api"}
        assert spec["dnsConfig"]["options"][-1] == {"name": "ndots", "value": "1"}
        assert (spec["priorityClassName"], spec["priority"]) == ("default", 0)
        (toleration,) = (it for it in spec["tolerations"] if it.get("value") == "api")
        assert toleration["effect"] == "NoSchedule"

    # Nobody answers any more: open rules let in, closed ones do not.
    made = kubectl("create", "-f", "-", "-o", "json", stdin=pod("api", "two"))
    assert made.returncode == 0, made.stderr
    assert "dnsConfig" not in json.loads(made.stdout)["spec"]
    failed = kubectl("apply", "-f", "-", stdin=LIMITED.replace("agent:1", "agent:2"))
    assert 'failed calling webhook "closed.validate.admission.kingtide.dev"' in failed.stderr
    assert "PRIVATE KEY" not in log.read_text()
