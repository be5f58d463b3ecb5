"""What kubectl changes in the twin's cluster: the real client against the real server."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served_world import ServedWorld, served_world

KUBECTL = Path(sys.executable).with_name("kubectl")
SITE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: site, namespace: default}
spec:
  replicas: 2
  selector: {matchLabels: {app: site}}
  template:
    metadata: {labels: {app: site}}
    spec:
      containers:
      - name: web
        image: web:1
        env: [{name: COLOUR, value: blue}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: site, namespace: default}
spec: {minAvailable: 1, selector: {matchLabels: {app: site}}}
"""


class Shell:
    """Runs kubectl with the server's kubeconfig, in a folder of its own."""

    def __init__(self, served: ServedWorld, folder: Path) -> None:
        self._folder = folder
        self._environment = dict(
            os.environ, KUBECONFIG=str(served.write_kubeconfig(folder)), HOME=str(folder)
        )

    def run(self, line: str, sent: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [KUBECTL, *line.split()],
            input=sent,
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
            cwd=self._folder,
            env=self._environment,
        )

    def told(self, line: str, sent: str = "") -> str:
        """Return what a command prints that must succeed."""
        done = self.run(line, sent)
        assert done.returncode == 0, f"kubectl {line}: {done.stderr}"
        return done.stdout.strip()


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("kubectl")
    with served_world(folder, speed=20.0, run_seconds=60) as served:
        served.call(served.server.clock.go_on)
        found = Shell(served, folder)
        found.told("apply -f -", SITE)
        yield found


ROWS = [
    pytest.param("apply --server-side -f -", "serverside-applied", id="apply --server-side"),
    pytest.param("scale deploy site --replicas 3", "site scaled", id="scale"),
    pytest.param("set image deploy site web=web:4", "image updated", id="set image"),
    pytest.param("rollout restart deploy site", "site restarted", id="rollout restart"),
    pytest.param("label deploy site x=y --overwrite", "labeled", id="label"),
    pytest.param("annotate deploy site x=y --overwrite", "annotated", id="annotate"),
    pytest.param("create ns other", "namespace/other created", id="create namespace"),
    pytest.param("create cm notes --from-literal a=b", "configmap/notes created", id="create cm"),
    pytest.param("expose deploy site --port 80", "service/site exposed", id="expose"),
    pytest.param("run one --image x:1", "pod/one created", id="run"),
    pytest.param("delete pod one", 'pod "one" deleted', id="delete"),
    pytest.param("auth can-i delete nodes", "yes", id="auth can-i"),
    pytest.param("explain deploy.spec.strategy.type", "RollingUpdate", id="explain"),
]


@pytest.mark.parametrize(("line", "expected"), ROWS)
def test_a_command_does_what_it_says(shell: Shell, line: str, expected: str) -> None:
    sent = SITE.replace("site", "served") if line.endswith("-f -") else ""

    assert expected in shell.told(line, sent)


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        (
            "strategic",
            '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"v:1"}]}}}}',
        ),
        ("merge", '{"metadata":{"annotations":{"a":"b"}},"spec":{"minReadySeconds":1}}'),
        ("json", '[{"op":"replace","path":"/spec/minReadySeconds","value":2}]'),
    ],
)
def test_each_kind_of_patch_is_taken(shell: Shell, kind: str, patch: str) -> None:
    assert "patched" in shell.told(f"patch deploy site --type {kind} -p {patch}")
    env = "-o jsonpath={.spec.template.spec.containers[0].env[0].value}"
    assert shell.told(f"get deploy site {env}") == "blue"


def test_diff_shows_what_apply_would_change_and_no_more(shell: Shell) -> None:
    shell.told("apply -f -", SITE.replace("site", "compared"))
    same = shell.run("diff -f -", SITE.replace("site", "compared"))
    other = shell.run("diff -f -", SITE.replace("site", "compared").replace("blue", "red"))

    assert (same.returncode, same.stdout) == (0, "")
    assert other.returncode == 1
    changed = [it.split() for it in other.stdout.splitlines() if it[:2] in ("- ", "+ ")]
    assert changed == [["-", "value:", "blue"], ["+", "value:", "red"]]


def test_a_misspelt_field_is_refused(shell: Shell) -> None:
    refused = shell.run("apply -f -", SITE.replace("replicas", "replcas"))

    assert refused.returncode == 1
    assert 'unknown field "spec.replcas"' in refused.stderr


def test_what_another_manager_applied_conflicts(shell: Shell) -> None:
    mine = SITE.replace("site", "shared")
    shell.told("apply --server-side --field-manager one -f -", mine)
    theirs = mine.replace("replicas: 2", "replicas: 5")
    refused = shell.run("apply --server-side --field-manager two -f -", theirs)

    assert refused.returncode == 1
    assert 'conflict with "one": .spec.replicas' in refused.stderr
    shell.told("apply --server-side --field-manager two --force-conflicts -f -", theirs)


def test_a_rollout_is_undone(shell: Shell) -> None:
    shell.told("apply -f -", SITE.replace("site", "rolled"))
    shell.told("set image deploy rolled web=web:2")
    deadline = time.monotonic() + 30
    while "\n2 " not in shell.told("rollout history deploy rolled"):
        assert time.monotonic() < deadline, "the second revision never came"
    assert "rolled back" in shell.told("rollout undo deploy rolled")
    image = "-o jsonpath={.spec.template.spec.containers[0].image}"
    assert shell.told(f"get deploy rolled {image}") == "web:1"


def test_a_node_is_cordoned_tainted_drained_and_taken_back(shell: Shell) -> None:
    node = shell.told("get nodes -o jsonpath={.items[0].metadata.name}")
    shell.told("apply -f -", BUDGET)
    assert "tainted" in shell.told(f"taint node {node} a=b:PreferNoSchedule")
    drained = shell.told(f"drain {node} --ignore-daemonsets --force --timeout 50s")
    left = shell.told(f"get pods --field-selector spec.nodeName={node} -o name")
    assert "cordoned" in drained
    assert left == ""
    assert "uncordoned" in shell.told(f"uncordon {node}")
