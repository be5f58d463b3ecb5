"""What kubectl changes in the twin's cluster: the real client against the real server."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.served_world import ServedWorld, served_world

KUBECTL = Path(sys.executable).with_name("kubectl")
DOCUMENT = Path("docs/reference/twin-api.md")
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
spec: {minAvailable: 2, selector: {matchLabels: {app: site}}}
"""


class Shell:
    """Runs kubectl with the server's kubeconfig, in a folder of its own."""

    def __init__(self, served: ServedWorld, folder: Path) -> None:
        self.served = served
        self._folder = folder
        self._environment = dict(
            os.environ,
            KUBECONFIG=str(served.write_kubeconfig(folder)),
            HOME=str(folder),
            KUBE_EDITOR="sed -i s/blue/green/",
        )

    def start(self, line: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [KUBECTL, *shlex.split(line)],
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=self._environment,
        )

    def run(self, line: str, sent: str = "") -> subprocess.CompletedProcess[str]:
        with self.start(line) as running:
            said, wrong = running.communicate(sent, timeout=120)
        return subprocess.CompletedProcess(line, running.returncode, said, wrong)

    def told(self, line: str, sent: str = "") -> str:
        """Return what a command prints that must succeed."""
        done = self.run(line, sent)
        assert done.returncode == 0, f"kubectl {line}: {done.stderr}"
        return done.stdout.strip()

    def value(self, of: str, path: str) -> str:
        """Return what stands in an object at a path."""
        return self.told(f"get {of} -o jsonpath={{{path}}}")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, what
            time.sleep(0.05)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("kubectl")
    (folder / "site.yaml").write_text(SITE)
    (folder / "alone.yaml").write_text(ALONE)
    (folder / "tides.yaml").write_text(TIDES)
    (folder / "other.yaml").write_text(SITE.replace("site", "other"))
    with served_world(folder, speed=20.0, run_seconds=60) as served:
        served.call(served.server.clock.go_on)
        found = Shell(served, folder)
        found.told("apply -f -", SITE)
        found.told("rollout status deploy site")  # its status is not in what `diff` compares then
        yield found


class Row(NamedTuple):
    """A command of the document, and what it prints, as a regular expression."""

    command: str
    shows: str


RBAC = r"\.rbac\.authorization\.k8s\.io/"
ROWS = (
    Row("apply -f site.yaml", r"deployment.apps/site (configured|unchanged)"),
    Row("apply --server-side -f other.yaml", r"deployment.apps/other serverside-applied"),
    Row("diff -f site.yaml", r"^$"),
    Row("replace -f other.yaml", r"deployment.apps/other replaced"),
    Row("create deployment one --image=web:1 --replicas=2", r"deployment.apps/one created"),
    Row("create job count --image=work:1", r"job.batch/count created"),
    Row("create cronjob nightly --image=work:1 --schedule='0 3 * * *'", r"cronjob.batch/nightly "),
    Row("create poddisruptionbudget one --selector=app=one --min-available=1", r"policy/one cr"),
    Row("create configmap notes --from-literal=a=b", r"configmap/notes created"),
    Row("create secret generic key --from-literal=a=b", r"secret/key created"),
    Row("create namespace staging", r"namespace/staging created"),
    Row("create service clusterip front --tcp=80:8080", r"service/front created"),
    Row("create ingress front --rule=foo.bar/*=front:80", r"networking.k8s.io/front created"),
    Row("create serviceaccount robot", r"serviceaccount/robot created"),
    Row("create token robot", r"^[\w-]+\.[\w-]+\.[\w-]+$"),
    Row("create role reader --verb=get --resource=pods", rf"role{RBAC}reader created"),
    Row("create rolebinding reads --role=reader --user=x", rf"rolebinding{RBAC}reads created"),
    Row("create clusterrole reader --verb=get --resource=nodes", rf"clusterrole{RBAC}reader "),
    Row("create clusterrolebinding reads --clusterrole=reader --user=x", rf"{RBAC}reads created"),
    Row("create quota most --hard=pods=10", r"resourcequota/most created"),
    Row("create priorityclass urgent --value=10", r"priorityclass.scheduling.k8s.io/urgent cr"),
    Row("run lone --image=web:1", r"pod/lone created"),
    Row("expose deployment site --port=80", r"service/site exposed"),
    Row("autoscale deployment one --min=3 --max=4 --cpu=90%", r"autoscaling/one autoscaled"),
    Row("scale deployment site --replicas=3", r"deployment.apps/site scaled"),
    Row("set image deployment/site web=web:2", r"deployment.apps/site image updated"),
    Row("set env deployment/site COLOUR=red", r"deployment.apps/site env updated"),
    Row("set resources deployment/site --limits=cpu=1", r"site resource requirements updated"),
    Row("edit deployment other", r"deployment.apps/other edited"),
    Row("""patch deployment site -p '{"spec":{"minReadySeconds":1}}'""", r"site patched"),
    Row("label deployment site tier=front", r"deployment.apps/site labeled"),
    Row("annotate deployment site by=hand", r"deployment.apps/site annotated"),
    Row("rollout pause deployment/one", r"deployment.apps/one paused"),
    Row("rollout resume deployment/one", r"deployment.apps/one resumed"),
    Row("rollout restart deployment/one", r"deployment.apps/one restarted"),
    Row("rollout status deployment/one", r'deployment "one" successfully rolled out'),
    Row("rollout history deployment/one", r"REVISION +CHANGE-CAUSE\n1 .*\n2 "),
    Row("rollout undo deployment/one", r"deployment.apps/one rolled back"),
    Row("wait job/count --for=condition=Complete --timeout=60s", r"job.batch/count condition met"),
    Row("delete pod lone --grace-period=1", r'pod "lone" deleted'),
    Row("create -f alone.yaml", r"replicaset.apps/alone created"),
    Row(
        "wait replicaset/alone --for=jsonpath={.status.readyReplicas}=1 --timeout=60s",
        r"replicaset.apps/alone condition met",
    ),
    Row("label pod -l app=alone app=apart --overwrite", r"pod/alone-00001 labeled"),
    Row("delete replicaset alone --cascade=orphan", r'replicaset.apps "alone" deleted'),
    Row("delete pod -l app=apart --now", r'pod "alone-00001" deleted'),
    Row("delete deployment other --cascade=foreground", r'deployment.apps "other" deleted'),
    Row("delete cronjob nightly --cascade=foreground", r'cronjob.batch "nightly" deleted'),
    Row("delete deployment one --cascade=orphan", r'deployment.apps "one" deleted'),
    Row("delete replicaset one", r'replicaset.apps "one" deleted'),
    Row("delete job count --cascade=orphan", r'job.batch "count" deleted'),
    Row("delete configmap,secret --all", r'configmap "notes" deleted(.|\n)*secret "key" deleted'),
    Row(
        "apply -f tides.yaml", r"customresourcedefinition.apiextensions.k8s.io/tides.example.com cr"
    ),
    Row("explain tide.spec", r"height\t?\s*<integer> -required-"),
    Row("auth can-i delete nodes", r"^yes$"),
    Row("auth can-i get nodes --as=x", r"^yes$"),
    Row("auth can-i --list", r"\*\.\* +\[\] +\[\] +\[\*\]"),
    Row("auth whoami", r"Username +kingtide-admin"),
)


def test_every_row_of_the_document_about_writing_does_what_it_says(
    shell: Shell, repository: Path
) -> None:
    text = (repository / DOCUMENT).read_text(encoding="utf-8")
    section = text.partition("## Writing with kubectl\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `kubectl ([^`]+)` \|", section, flags=re.MULTILINE)
    alone = ("taint ", "cordon ", "uncordon ", "drain ")  # each has a test of its own
    assert [it for it in rows if not it.startswith(alone)] == [it.command for it in ROWS]
    for row in ROWS:
        printed = shell.told(row.command)
        assert re.search(row.shows, printed), f"kubectl {row.command}: {printed}"


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
    shell.told("apply -f -", SITE.replace("site", "patched"))
    shell.told("""patch deploy patched -p '{"spec":{"minReadySeconds":3}}'""")
    assert "patched" in shell.told(f"patch deploy patched --type {kind} -p '{patch}'")
    assert shell.value("deploy patched", ".spec.template.spec.containers[0].env[0].value") == "blue"


def test_diff_shows_what_apply_would_change_and_no_more(shell: Shell) -> None:
    shell.told("apply -f -", SITE.replace("site", "compared"))
    shell.served.call(shell.served.server.clock.pause)  # its status changes while pods start
    same = shell.run("diff -f -", SITE.replace("site", "compared"))
    other = shell.run("diff -f -", SITE.replace("site", "compared").replace("blue", "red"))
    shell.served.call(shell.served.server.clock.go_on)

    assert (same.returncode, same.stdout) == (0, "")
    assert other.returncode == 1
    changed = [it.split() for it in other.stdout.splitlines() if it[:2] in ("- ", "+ ")]
    assert changed == [
        ["-", "generation:", "1"],
        ["+", "generation:", "2"],
        ["-", "value:", "blue"],
        ["+", "value:", "red"],
    ]


def test_a_misspelt_field_is_refused(shell: Shell) -> None:
    refused = shell.run("apply -f -", SITE.replace("replicas", "replcas"))

    assert refused.returncode == 1
    assert 'unknown field "spec.replcas"' in refused.stderr


WIDGET = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}"
LISTED = """\
{apiVersion: v1, kind: List, items: [
  {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}, DATA: {a: b}}]}
"""


@pytest.mark.parametrize("how", ["create", "apply", "apply --server-side"])
def test_a_kind_without_a_definition_is_not_matched(shell: Shell, how: str) -> None:
    refused = shell.run(f"{how} -f -", WIDGET)

    assert refused.returncode == 1
    assert 'no matches for kind "Widget" in version "example.com/v1"' in refused.stderr


def test_objects_of_a_list_are_checked_and_taken(shell: Shell) -> None:
    refused = shell.run("create -f -", LISTED)
    taken = shell.told("create -f -", LISTED.replace("DATA", "data"))

    assert refused.returncode == 1
    assert 'unknown field "DATA" in io.k8s.api.core.v1.ConfigMap' in refused.stderr
    assert taken == "configmap/listed created"


def test_what_another_manager_applied_conflicts(shell: Shell) -> None:
    mine = SITE.replace("site", "shared")
    shell.told("apply --server-side --field-manager one -f -", mine)
    theirs = mine.replace("replicas: 2", "replicas: 5")
    refused = shell.run("apply --server-side --field-manager two -f -", theirs)

    assert refused.returncode == 1
    assert 'conflict with "one": .spec.replicas' in refused.stderr
    shell.told("apply --server-side --field-manager two --force-conflicts -f -", theirs)


def test_a_rollouts_status_waits_for_the_last_pod_and_its_undo_brings_the_first_template(
    shell: Shell,
) -> None:
    clock, call = shell.served.server.clock, shell.served.call
    shell.told("apply -f -", SITE.replace("site", "rolled"))
    shell.told("rollout status deploy rolled")
    call(clock.pause)
    shell.told("set image deploy rolled web=web:2")
    standing = shell.run("rollout status deploy rolled --timeout=1s")
    call(clock.go_on)
    waited = shell.told("rollout status deploy rolled")
    counts = "{.status.updatedReplicas} {.status.availableReplicas}"
    now = shell.told(f"get deploy rolled -o 'jsonpath={counts} {{.status.replicas}}'")
    images = shell.told("get pods -l app=rolled -o jsonpath={.items[*].spec.containers[*].image}")

    assert standing.returncode == 1
    assert "timed out" in standing.stderr
    assert waited.endswith("successfully rolled out")
    assert now == "2 2 2"
    assert images.split().count("web:2") == 2  # one of the first may still be ending
    assert "rolled back" in shell.told("rollout undo deploy rolled")
    assert shell.value("deploy rolled", ".spec.template.spec.containers[0].image") == "web:1"
    assert shell.value("deploy rolled", ".spec.template.spec.containers[0].env[0].value") == "blue"


ALONE = """\
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: alone, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {app: alone}}
  template:
    metadata: {labels: {app: alone}}
    spec: {containers: [{name: web, image: "web:1"}]}
"""
TIDES = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tides.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: tides, kind: Tide, singular: tide}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [height]
            properties: {height: {type: integer, maximum: 16}}
"""
SETS = """\
apiVersion: apps/v1
kind: KIND
metadata: {name: NAME, namespace: default}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers: [{name: main, image: "main:1", resources: {requests: {cpu: 10m}}}]
"""


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_a_set_is_rolled_out_and_back_by_its_revisions(shell: Shell, kind: str) -> None:
    name = f"rolled-{kind.lower()}"
    which = f"{kind.lower()} {name}"
    shell.told("apply -f -", SETS.replace("KIND", kind).replace("NAME", name))
    shell.told(f"rollout status {which} --timeout=60s")
    images = f"get pods -l app={name} -o jsonpath={{.items[*].spec.containers[*].image}}"
    at_first = shell.told(images).split()
    shell.told(f"set image {which} main=main:2")
    shell.told(f"rollout status {which} --timeout=60s")
    then = shell.told(images).split()
    history = shell.told(f"rollout history {which}")
    undone = shell.told(f"rollout undo {which}")
    shell.told(f"rollout status {which} --timeout=60s")
    in_the_end = shell.told(images).split()
    shell.told(f"delete {which}")

    assert set(at_first) == {"main:1"}
    assert set(then) == {"main:2"}
    assert re.search(r"REVISION +CHANGE-CAUSE\n1 .*\n2 ", history)
    assert "rolled back" in undone
    assert set(in_the_end) == {"main:1"}
    assert name not in shell.told("get controllerrevisions -o name")


def test_a_paused_rollout_goes_on_when_it_is_resumed(shell: Shell) -> None:
    shell.told("apply -f -", SITE.replace("site", "held"))
    shell.told("rollout status deploy held")
    shell.told("rollout pause deploy held")
    shell.told("set image deploy held web=web:2")
    shell.told("scale deploy held --replicas=3")
    shell.told("wait deploy/held --for=jsonpath={.status.readyReplicas}=3 --timeout=60s")
    images = "get pods -l app=held -o jsonpath={.items[*].spec.containers[*].image}"
    standing = shell.told(images)
    why = shell.value("deploy held", ".status.conditions[*].reason")
    shell.told("rollout resume deploy held")
    shell.told("rollout status deploy held --timeout=60s")

    assert standing.split() == ["web:1"] * 3
    assert why.split() == ["MinimumReplicasAvailable", "DeploymentPaused"]
    assert "web:2" in shell.told("rollout history deploy held --revision=2")
    assert shell.told("get rs -l app=held -o jsonpath={.items[*].spec.replicas}") in ("0 3", "3 0")


def test_what_needs_a_program_in_a_pod_is_refused_with_the_reason(shell: Shell) -> None:
    shell.told("run program --image=web:1")
    shell.told("wait pod/program --for=condition=Ready --timeout=60s")
    for command, told in (
        ("exec program -- ls", "nothing can be executed in it"),
        ("port-forward program 8080:80", "it listens on no port"),
        ("debug program --image=shell:1", "no container can be added to it"),
        ("logs program", "has no log: the pods of this cluster run no program"),
    ):
        refused = shell.run(command)
        assert (refused.returncode, told in refused.stderr) == (1, True), refused.stderr


def test_what_was_read_can_be_written_again(shell: Shell) -> None:
    shell.told("apply -f -", BUDGET)
    shell.told("wait pdb/site --for=jsonpath={.status.currentHealthy} --timeout=60s")
    shell.served.call(shell.served.server.clock.pause)
    read = shell.told("get pdb,priorityclasses,deployments,daemonsets,hpa,nodes,ns -A -o yaml")
    written = shell.told("replace --dry-run=server -f -", read)
    shell.served.call(shell.served.server.clock.go_on)
    shell.told("delete pdb site")

    assert len(written.splitlines()) == read.count("\n  kind: ")


def test_an_autoscaler_that_kubectl_makes_scales(shell: Shell) -> None:
    shell.told("create deployment grown --image=web:1 --replicas=1")
    shell.told("autoscale deployment grown --min=3 --max=5 --cpu=500%")
    at_least = "--for=jsonpath={.status.availableReplicas}=3 --timeout=60s"
    assert "condition met" in shell.told(f"wait deploy/grown {at_least}")


def test_a_drain_waits_for_a_disruption_budget(shell: Shell) -> None:
    shell.told("apply -f -", SITE.replace("site", "guarded"))
    shell.told("rollout status deploy guarded")
    shell.told("apply -f -", BUDGET.replace("site", "guarded"))
    allowed = "pdb/guarded --for=jsonpath={.status.currentHealthy}=2 --timeout=60s"
    shell.told(f"wait {allowed}")
    pods = "get pods -l app=guarded -o jsonpath={.items[0].spec.nodeName}"
    node = shell.told(pods)
    assert "tainted" in shell.told(f"taint node {node} a=b:PreferNoSchedule")
    with shell.start(f"drain {node} --ignore-daemonsets --force --timeout=100s") as draining:
        assert draining.stderr is not None
        refused = next(it for it in draining.stderr if "disruption budget" in it)
        assert shell.value(f"node {node}", ".spec.unschedulable") == "true"
        shell.told("scale deploy guarded --replicas=4")
        draining.communicate(timeout=100)
    left = shell.told(f"get pods -A --field-selector spec.nodeName={node} -o wide --no-headers")

    assert "Cannot evict pod" in refused
    assert draining.returncode == 0
    assert {it.split()[0] for it in left.splitlines()} <= {"kube-system"}  # the DaemonSet's
    assert "uncordoned" in shell.told(f"uncordon {node}")
    assert "cordoned" in shell.told(f"cordon {node}")
    shell.told(f"uncordon {node}")
