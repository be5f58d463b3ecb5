from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kingtide.cli.app import build, run
from kingtide.cli.failure import ExitCode
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.namespaces import CLUSTER_ANNOTATION, KINGTIDE_NAMESPACE
from kingtide.operate.installation.admission import process
from kingtide.operate.installation.ingress import process as ingress_process
from kingtide.operate.installation.manifests import STEPS
from kingtide.operate.installation.pods import arguments
from kingtide.rehearsal.named import named
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.world import World
from tests.served_world import ServedWorld, serving
from tests.small_rehearsal import write_small
from tests.unit.operate.installation.installations import QUEUE, installation

ROOT = Path(__file__).parents[3]
FLEET = ["--fleet", str(ROOT / "examples" / "prime-time" / "fleet"), "--cluster", "prod"]
NAMESPACE = f"/api/v1/namespaces/{KINGTIDE_NAMESPACE}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--all", "--iam", "--apply"], "--apply and --iam are two things"),
        (["--all", "--dry-run"], "write --watch-only"),
        (["--all", "--new"], "--new is about applying"),
        ([], "no controller is named"),
        (["prescaling"], "prod does not ask for prescaling"),
        (["--all", "overprovisioning"], "--all and overprovisioning are two things"),
        (["--all", "--json", "--apply"], "--apply and --json are two things"),
        (["--all", "--json", "--out", "m"], "--out and --json are two things"),
        (["--all", "--image", ""], "--image: '' is no name"),
        (["--all", "--queue", "a queue"], "--queue: 'a queue' is no name"),
    ],
    ids=[
        "two ways",
        "dry run of nothing",
        "new without apply",
        "none named",
        "not asked for",
        "all and one",
        "applied as JSON",
        "files of JSON",
        "no image",
        "no queue",
    ],
)
def test_what_makes_no_sense_is_told(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["install", *words, *FLEET]) == ExitCode.BAD_INPUT
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_manifests_are_the_same_printed_as_yaml_as_json_and_in_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["install", "--all", *FLEET]) == ExitCode.YES
    told = capsys.readouterr()
    printed = list(yaml.safe_load_all(told.out))
    assert "note: the cluster has no group 'admin'" in told.err
    assert run(["install", "--all", "--json", *FLEET]) == ExitCode.YES
    assert json.loads(capsys.readouterr().out)["items"] == printed
    assert run(["install", "--all", "--out", str(tmp_path / "m"), *FLEET]) == ExitCode.YES
    files = sorted((tmp_path / "m").iterdir())
    assert [one for it in files for one in yaml.safe_load_all(it.read_text())] == printed


def test_a_folder_holds_nothing_of_an_installation_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet, folder = tmp_path / "fleet", tmp_path / "m"
    shutil.copytree(FLEET[1], fleet)
    cluster = fleet / "clusters" / "prod.yaml"
    cluster.write_text(cluster.read_text() + "  admission: {}\n")
    words = ["--fleet", str(fleet), "--cluster", "prod", "--out", str(folder)]
    assert run(["install", "--all", *words]) == ExitCode.YES
    (folder / "own.yaml").write_text("kind: Own\n")
    before = {it.name for it in folder.iterdir()}
    capsys.readouterr()
    assert run(["install", "node-autoscaling", *words]) == ExitCode.YES
    assert f"removed {folder / '6-admission.yaml'}" in capsys.readouterr().out
    assert before - {it.name for it in folder.iterdir()} == {"6-admission.yaml"}
    assert {it.name for it in folder.iterdir()} <= {*STEPS, "own.yaml"}


def test_the_policy_is_the_same_alone_and_as_the_fleet_takes_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["install", "--all", "--iam", *FLEET]) == ExitCode.YES
    policy = json.loads(capsys.readouterr().out)
    assert run(["install", "--all", "--role", *FLEET]) == ExitCode.YES
    (account,) = yaml.safe_load(capsys.readouterr().out)["iam"]["serviceAccounts"]
    assert account["statements"] == policy["Statement"]


def test_what_containers_are_called_with_is_a_command_line_that_makes_sense() -> None:
    installed = installation(queue=QUEUE, watch_only=True, admission=True)
    balancer = ingress_process(installed, IngressPolicy()).arguments
    for words in (arguments(installed), process(installed).arguments, balancer):
        command, bound, ignored = build().parse_args(
            [*words], print_error=False, exit_on_error=False
        )
        assert command.__name__ == "run"
        assert bound.arguments["dry_run"] is True
        assert not ignored


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedWorld]:
    prepared = prepare(write_small(tmp_path))
    world = World(named(prepared.definition, prepared.scenario.cluster.full_name))
    world.run_until(prepared.definition.start_ms)
    with serving(ServedWorld(world, 1.0)) as it:
        yield it


def applying(served: ServedWorld, folder: Path, *options: str) -> int:
    kubeconfig = str(served.write_kubeconfig(folder))
    where = ["--fleet", str(folder / "fleet"), "--cluster", "prod", "--kubeconfig", kubeconfig]
    return run(["install", "--all", "--apply", *where, *options])


def test_it_is_applied_once_and_changes_nothing_the_second_time(
    served: ServedWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = f"/apis/apps/v1/namespaces/{KINGTIDE_NAMESPACE}/deployments/kingtide"
    with served.client() as client:
        assert applying(served, tmp_path, "--dry-run") == ExitCode.YES
        assert "created   Deployment" in capsys.readouterr().out
        assert client.get(deployment).status_code == 404

        assert applying(served, tmp_path) == ExitCode.YES
        found = client.get(deployment).json()
        assert found["spec"]["template"]["spec"]["priorityClassName"] == "system-cluster-critical"
        assert {it["manager"] for it in found["metadata"]["managedFields"]} >= {"kingtide-install"}

        capsys.readouterr()
        assert applying(served, tmp_path) == ExitCode.YES
        became = {line.split()[0] for line in capsys.readouterr().out.splitlines()}
        assert became == {"unchanged"}


def test_another_cluster_is_left_alone_and_one_without_a_name_gets_it_only_if_asked(
    served: ServedWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patch = {"Content-Type": "application/merge-patch+json"}
    account = f"/api/v1/namespaces/{KINGTIDE_NAMESPACE}/serviceaccounts/kingtide"
    with served.client() as client:
        for name in ("other.k8s.foo.bar", None):
            body = {"metadata": {"annotations": {CLUSTER_ANNOTATION: name}}}
            assert client.patch(NAMESPACE, json=body, headers=patch).status_code == 200
            assert applying(served, tmp_path) == ExitCode.BAD_INPUT
            assert client.get(account).status_code == 404
            told = capsys.readouterr().err
            assert (name or "one that does not say its name") in told
            assert ("--new" in told) == (name is None)
        assert applying(served, tmp_path, "--new") == ExitCode.YES
        said = client.get(NAMESPACE).json()["metadata"]["annotations"]
        assert said[CLUSTER_ANNOTATION] == "prod.k8s.foo.bar"


def test_fields_of_somebody_else_are_taken_only_by_force(
    served: ServedWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/api/v1/namespaces/{KINGTIDE_NAMESPACE}/serviceaccounts/kingtide"
    theirs = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "kingtide"},
        "automountServiceAccountToken": True,
    }
    apply = {"Content-Type": "application/apply-patch+yaml"}
    with served.client() as client:
        answer = client.patch(f"{path}?fieldManager=somebody", json=theirs, headers=apply)
        assert answer.status_code == 201
        assert applying(served, tmp_path) == ExitCode.RUN_FAILED
        told = capsys.readouterr()
        assert "ServiceAccount kingtide: 409" in told.err
        assert "--force-conflicts" in told.err
        assert "Namespace" in told.out
        assert applying(served, tmp_path, "--force-conflicts") == ExitCode.YES
        assert client.get(path).json()["automountServiceAccountToken"] is False
