"""A stand-in for kubectl: keeps objects in a folder, records how it is called.

apply --server-side writes, and refuses what the API refuses (a PriorityClass keeps its value);
delete --ignore-not-found succeeds for what is not there; drain empties the nodes of a group.
get answers with what is there, with fields that the API adds. Every command needs a context and
credentials of the run.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

HOME = Path(os.environ["STANDIN_DIR"])


def fail(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")
    sys.exit(1)


def get(arguments: list[str]) -> None:
    """Answer with the objects of a file that are there, or with all of ours."""
    context = arguments[arguments.index("--context") + 1]
    if context not in Path(os.environ["KUBECONFIG"]).read_text():
        fail(f'context "{context}" does not exist')
    file = HOME / "objects.json"
    objects: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    for it in objects.values():
        it["metadata"]["resourceVersion"] = "7"
        it["preemptionPolicy"] = "PreemptLowerPriority"  # as the API's defaults do
    sys.stdout.write(json.dumps({"kind": "List", "items": list(objects.values())}))


def act(arguments: list[str]) -> None:
    context = arguments[arguments.index("--context") + 1]
    if context not in Path(os.environ["KUBECONFIG"]).read_text():
        fail(f'context "{context}" does not exist')
    file = HOME / "objects.json"
    objects: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    if "apply" in arguments:
        if "--server-side" not in arguments or "--field-manager=kingtide" not in arguments:
            fail("not a server-side apply of kingtide")
        import yaml  # here, for most calls do without

        text = Path(arguments[arguments.index("-f") + 1]).read_text()
        for document in yaml.safe_load_all(text):
            key = f"{document['kind'].lower()}/{document['metadata']['name']}"
            known = objects.get(key)
            if known and known.get("value") != document.get("value"):
                fail(f"{key} is invalid: value: Forbidden: may not be changed in an update.")
            objects[key] = document
    elif "delete" in arguments:
        at = arguments.index("delete")
        kind, name = arguments[at + 1].split(".")[0], arguments[at + 2]
        if objects.pop(f"{kind}/{name}", None) is None and "--ignore-not-found" not in arguments:
            fail("not found")
    elif "drain" not in arguments:
        fail(f"unknown command {arguments}")
    file.write_text(json.dumps(objects, indent=1, sort_keys=True))


def main(arguments: list[str]) -> None:
    if arguments[0] == "version":
        sys.stdout.write("Client Version: v1.36.1\n")
        return
    if "get" in arguments:
        get(arguments)
        return
    with (HOME / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(["kubectl", arguments, {}]) + "\n")
    counter = HOME / "count"
    number = int(counter.read_text()) + 1 if counter.exists() else 1
    counter.write_text(str(number))
    faults_file = HOME / "faults.json"
    faults: dict[str, Any] = json.loads(faults_file.read_text()) if faults_file.exists() else {}
    if faults.get("kill_parent") == [number, "before"]:
        os.kill(os.getppid(), signal.SIGKILL)
        sys.exit(9)
    act(arguments)
    if faults.get("kill_parent") == [number, "after"]:
        os.kill(os.getppid(), signal.SIGKILL)


main(sys.argv[1:])
