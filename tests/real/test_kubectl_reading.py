"""The real kubectl reads a served twin: every row of docs/reference/twin-api.md about reading."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.served_world import ServedWorld, served_world

KUBECTL = Path(sys.executable).parent / "kubectl"
DOCUMENT = Path("docs/reference/twin-api.md")


class Row(NamedTuple):
    """A command of the document, and what its output holds, as a regular expression."""

    command: str
    shows: str


ROWS = (
    Row("kubectl version", r"Server Version: v1\.36\.0\+kingtide"),
    Row("kubectl api-resources", r"deployments +deploy +apps/v1 +true +Deployment"),
    Row("kubectl explain pod.spec.containers.ports", r"containerPort\s<integer> -required-"),
    Row("kubectl explain hpa.spec --recursive", r"averageUtilization\s<integer>"),
    Row(
        "kubectl explain deployment.spec.strategy --output=plaintext-openapiv2",
        r"rollingUpdate\s<Object>\n +Rolling update config params",
    ),
    Row("kubectl cluster-info", r"control plane.* is running at"),
    Row("kubectl get pods -A", r"NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE\n"),
    Row(
        "kubectl get pods -n jobs -o wide", r"worker-\d+ +1/1 +Running +0 .+ \d+\.\d+\.\d+\.\d+ +i-"
    ),
    Row("kubectl get nodes -o wide", r"i-\w+ +Ready +<none> .+ containerd://"),
    Row("kubectl get nodes -L kingtide.dev/lifecycle", r"LIFECYCLE\n(.|\n)* spot\n"),
    Row("kubectl get deployment,replicaset -A", r"deployment.apps/web +(\d+)/\1 +\1 +\1 "),
    Row("kubectl get daemonset -A -o wide", r"NODE SELECTOR(.|\n)* logs +(\d+) +\2 +\2 +\2 +\2 "),
    Row("kubectl get horizontalpodautoscaler -A", r"web +Deployment/web +cpu: \d+%/70% +6 +60 "),
    Row("kubectl get namespaces,configmaps,priorityclasses -A", r"namespace/jobs +Active"),
    Row("kubectl get all -n jobs", r"pod/worker(.|\n)*deployment.apps/worker(.|\n)*replicaset"),
    Row("kubectl get statefulsets,jobs,cronjobs,pdb,leases,crd,secrets -A", r"^$"),
    Row("kubectl get pods -n jobs -o yaml", r"kind: Pod\n(.|\n)*qosClass: "),
    Row("kubectl get pods -A -o name", r"pod/web"),
    Row(
        "kubectl get nodes -o jsonpath='{.items[*].status.allocatable.cpu}'",
        r"^\d+m?( \d+m?)*$",
    ),
    Row("kubectl get pods -A -o custom-columns=N:.metadata.name,P:.spec.priority", r"web\S* +5\n"),
    Row("kubectl get pods -A -l app=web,pod-template-hash!=x", r"web-(.|\n)*web-"),
    Row("kubectl get pods -A -l 'app in (logs)' --no-headers", r"^kube-system +logs-"),
    Row("kubectl get pods -A --field-selector spec.nodeName=", r"^$|Pending"),
    Row("kubectl get pods -A --field-selector status.phase=Running --chunk-size=5", r"web-"),
    Row("kubectl get pods -A --sort-by=.metadata.creationTimestamp", r"web-"),
    Row("kubectl get deployment web -n default --subresource=status", r"NAME +READY"),
    Row("kubectl get --raw /readyz", r"^ok$"),
    Row("kubectl describe deployment web -n default", r"Replicas: +(\d+) desired \| \1 updated"),
    Row("kubectl describe nodes", r"Non-terminated Pods:(.|\n)*Allocated resources:"),
    Row("kubectl describe pods -n jobs", r"Node: +i-(.|\n)*State: +Running(.|\n)*Conditions:"),
    Row("kubectl describe hpa web -n default", r"SuccessfulRescale"),
    Row("kubectl get events -A", r"Scheduled +pod/\S+ +Successfully assigned"),
    Row("kubectl get events -n default --field-selector involvedObject.kind=Pod", r"pod/web"),
    Row("kubectl events -n default --types=Normal", r"SuccessfulRescale"),
    Row("kubectl top nodes", r"CPU\(cores\)(.|\n)* \d+m +\d+% "),
    Row("kubectl top pods -A --sort-by=cpu", r"web-\S+ +\d+m +\d+Mi"),
    Row("kubectl wait deployment/worker -n jobs --for=condition=Available --timeout=5s", r"met"),
    Row("kubectl rollout status deployment/worker -n jobs", r"successfully rolled out"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    """Serve a world that has grown for ten minutes while it was served."""
    with served_world(tmp_path_factory.mktemp("small")) as it:
        it.run_on(600)
        yield it


@pytest.fixture(scope="module")
def environment(served: ServedWorld, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("home")
    path = f"{KUBECTL.parent}{os.pathsep}{os.environ['PATH']}"
    kubeconfig = str(served.write_kubeconfig(folder))
    return {**os.environ, "HOME": str(folder), "KUBECONFIG": kubeconfig, "PATH": path}


def ran(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        shlex.split(command),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command)
def test_kubectl_reads(row: Row, environment: dict[str, str]) -> None:
    finished = ran(row.command, environment)
    assert finished.returncode == 0, finished.stderr
    assert "error" not in finished.stderr.lower(), finished.stderr
    assert re.search(row.shows, finished.stdout), finished.stdout


def test_every_row_of_the_document_about_reading_is_tried(repository: Path) -> None:
    text = (repository / DOCUMENT).read_text(encoding="utf-8")
    section = text.partition("## Reading with kubectl\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(kubectl [^`]+)` \|", section, flags=re.MULTILINE)
    assert rows == [row.command for row in ROWS]


def test_a_watch_shows_what_happens(served: ServedWorld, environment: dict[str, str]) -> None:
    command = shlex.split("kubectl get nodes -w --output-watch-events")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        until = time.monotonic() + 30
        while served.call(lambda: served.server.api.watches.open) == 0:
            assert time.monotonic() < until
            time.sleep(0.02)
        node = next(iter(served.world.store.nodes.values()))
        served.call(lambda: served.world.store.update_node(node, unschedulable=True))
        lines = []
        for line in watching.stdout:
            lines.append(line)
            if line.startswith("MODIFIED"):
                break
        watching.terminate()
    assert lines[0].split()[:3] == ["EVENT", "NAME", "STATUS"]
    assert f"{node.name}   Ready,SchedulingDisabled" in lines[-1]
    assert sum(line.startswith("EVENT") for line in lines) == 1


def test_another_token_is_told_to_log_in(
    served: ServedWorld, environment: dict[str, str], tmp_path: Path
) -> None:
    text = served.write_kubeconfig(tmp_path).read_text().replace("a-token-for-tests", "another")
    (tmp_path / "other").write_text(text)
    finished = ran("kubectl get pods", {**environment, "KUBECONFIG": str(tmp_path / "other")})
    assert finished.returncode == 1
    assert "must be logged in" in finished.stderr


def test_what_is_not_there_is_named_as_a_cluster_would(environment: dict[str, str]) -> None:
    finished = ran("kubectl get deployment none", environment)
    assert finished.stderr == ('Error from server (NotFound): deployments.apps "none" not found\n')
