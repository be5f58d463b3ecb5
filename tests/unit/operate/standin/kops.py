"""A stand-in for kops that keeps its state in a folder and records how it is called.

It behaves as kops documents for what plans use (https://kops.sigs.k8s.io/cli/kops/):
replace --force makes what is missing and never deletes; update without --yes only looks, with it
brings launch templates and sizes to the state store, those of some roles where it is told so;
rolling-update replaces instances of older launch templates one at a time, and goes on where it was
cut; validate writes JSON; delete instancegroup fails for a group that is not there.

`faults.json` says what goes wrong: `drain` (groups that cannot be drained), `validate` (how many
looks fail), `fail` (subcommand to number of failures), `kill_parent` [number of call, when],
`cut_roll` (a group in whose roll kops itself is killed after one instance).
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

HOME = Path(os.environ["STANDIN_DIR"])
STORE = HOME / "store.json"
NOT_IN_TEMPLATE = (
    *("minSize", "maxSize", "rollingUpdate", "suspendProcesses"),
    *("mixedInstancesPolicy", "subnets"),
)
ROLES = {"Master": "control-plane", "APIServer": "apiserver", "Node": "node"}


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if path.exists():
        found = json.loads(path.read_text())
    return found


def save(path: Path, value: dict[str, Any]) -> None:
    path.with_suffix(".new").write_text(json.dumps(value, indent=1, sort_keys=True))
    path.with_suffix(".new").replace(path)


def fail(message: str, code: int = 1) -> None:
    sys.stderr.write(f"Error: {message}\n")
    sys.exit(code)


def flag(arguments: list[str], name: str) -> str | None:
    for number, argument in enumerate(arguments):
        if argument.startswith(f"{name}="):
            return argument.split("=", 1)[1]
        if argument == name and number + 1 < len(arguments):
            return arguments[number + 1]
    return None


def template(cluster: dict[str, Any], group: dict[str, Any]) -> str:
    own = {key: value for key, value in group["spec"].items() if key not in NOT_IN_TEMPLATE}
    text = json.dumps([own, cluster["spec"].get("kubernetesVersion")], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def known(store: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] | None = store.get(name)
    if found is None:
        fail(f'cluster not found "{name}"')
    assert found is not None  # or we are gone
    return found


def replace(arguments: list[str], store: dict[str, Any]) -> None:
    import yaml  # here, for most calls do without

    name = ""
    for document in yaml.safe_load_all(Path(flag(arguments, "-f") or "").read_text()):
        if document["kind"] == "Cluster":
            name = document["metadata"]["name"]
            if name not in store and "--force" not in arguments:
                fail("cluster does not exist; use --force")
            store.setdefault(name, {"groups": {}, "cloud": {}})["cluster"] = document
        else:
            store[name]["groups"][document["metadata"]["name"]] = document


def update(arguments: list[str], store: dict[str, Any]) -> None:
    found = known(store, arguments[2])
    roles = (flag(arguments, "--instance-group-roles") or "").split(",")
    for name, group in found["groups"].items():
        if roles != [""] and ROLES[group["spec"]["role"]] not in roles:
            continue
        if "--yes" not in arguments:
            sys.stdout.write(f"Will modify resources: {name}\n")
            continue
        cloud = found["cloud"].setdefault(name, {"nodes": []})
        cloud["template"] = template(found["cluster"], group)
        while len(cloud["nodes"]) < group["spec"].get("minSize", 2):
            cloud["nodes"].append(cloud["template"])


def rolling_update(arguments: list[str], store: dict[str, Any], faults: dict[str, Any]) -> None:
    found = known(store, arguments[2])
    wanted = flag(arguments, "--instance-group")
    names = [wanted] if wanted else sorted(found["cloud"])
    for name in names:
        if name not in found["groups"]:
            fail(f'InstanceGroup "{name}" not found')
        cloud = found["cloud"][name]
        if "--yes" not in arguments:
            continue
        for number, of in enumerate(cloud["nodes"]):
            if of == cloud["template"]:
                continue
            if name in faults.get("drain", ()) and number > 0:
                fail(f'failed to drain node "{name}-{number}": error when evicting pods: timeout')
            cloud["nodes"][number] = cloud["template"]
            cloud["replaced"] = cloud.get("replaced", 0) + 1
            save(STORE, store)
            if faults.get("cut_roll") == name:
                os.kill(os.getpid(), signal.SIGKILL)
            sys.stderr.write(f'I0101 instancegroups.go: Draining the node: "{name}-{number}".\n')


def validate(arguments: list[str], store: dict[str, Any], faults: dict[str, Any]) -> None:
    known(store, arguments[2])
    if faults.get("validate", 0) > 0:
        faults["validate"] -= 1
        save(HOME / "faults.json", faults)
        look = {
            "failures": [
                {"type": "Node", "name": "ip-10-0-32-7", "message": 'node "x" is not ready'}
            ]
        }
        sys.stdout.write(json.dumps(look))
        fail("Validation failed: wait time exceeded during validation")
    sys.stdout.write(json.dumps({"nodes": []}))


def get(arguments: list[str], store: dict[str, Any]) -> None:
    if arguments[1] == "clusters":
        found = [it["cluster"] for it in store.values()]
    else:
        found = list(known(store, flag(arguments, "--name") or "")["groups"].values())
    if not found:
        fail(
            "No clusters found" if arguments[1] == "clusters" else "No InstanceGroup objects found"
        )
    for it in found:
        it["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    sys.stdout.write(json.dumps(found[0] if len(found) == 1 else found))


def delete(arguments: list[str], store: dict[str, Any]) -> None:
    found = known(store, flag(arguments, "--name") or "")
    if arguments[2] not in found["groups"]:
        fail(f'InstanceGroup "{arguments[2]}" not found')
    if "--yes" in arguments:
        del found["groups"][arguments[2]]
        found["cloud"].pop(arguments[2], None)


def counted(*, reads: bool) -> int:
    """Return the number of this call among those that could change something."""
    if reads:
        return 0
    counter = HOME / "count"
    number = int(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text(str(number))
    return number


def export(arguments: list[str], store: dict[str, Any]) -> None:
    known(store, arguments[2])
    Path(os.environ["KUBECONFIG"]).write_text(f"contexts: [{arguments[2]}]\n")


def act(arguments: list[str], faults: dict[str, Any]) -> None:
    store = load(STORE)
    command = arguments[0]
    if command in ("rolling-update", "validate"):
        {"rolling-update": rolling_update, "validate": validate}[command](arguments, store, faults)
    else:
        plain = {"export": export, "replace": replace, "update": update, "get": get}
        {**plain, "delete": delete}[command](arguments, store)
    if command != "get":
        save(STORE, store)


def main(arguments: list[str]) -> None:
    if arguments[0] == "version":
        sys.stdout.write(f"Client version: {os.environ.get('STANDIN_VERSION', '1.36.0')} (git)\n")
        return
    faults = load(HOME / "faults.json")
    with (HOME / "calls.jsonl").open("a") as calls:
        seen = {name: os.environ.get(name) for name in ("KOPS_STATE_STORE", "KUBECONFIG")}
        calls.write(json.dumps(["kops", arguments, seen]) + "\n")
    number = counted(reads=arguments[0] == "get")
    if faults.get("kill_parent") == [number, "before"]:
        os.kill(os.getppid(), signal.SIGKILL)
        sys.exit(9)
    failures = faults.get("fail", {})
    if failures.get(arguments[0], 0) > 0:
        failures[arguments[0]] -= 1
        save(HOME / "faults.json", faults)
        fail("RequestLimitExceeded: Request limit exceeded.")
    act(arguments, faults)
    killed, when = faults.get("kill_parent", (0, ""))
    if number == killed and when in ("after", "and live on"):
        os.kill(os.getppid(), signal.SIGKILL)
        while when == "and live on" and not (HOME / "end").exists():
            time.sleep(0.01)


main(sys.argv[1:])
