"""A bench for plans: a folder with stand-ins of kops and kubectl, and clusters in their state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from kingtide.compile.plan.compare import plan
from kingtide.compile.plan.encode import encode_plan
from kingtide.compile.plan.model import Plan
from kingtide.compile.plan.state import ClusterState
from kingtide.operate.execute import Options, Progress, apply
from kingtide.operate.run_folder import RunFolder
from tests.unit.compile.plan.fleets import fleet

STANDINS = Path(__file__).parent / "standin"


class Bench:
    """One state store, one plan file, and everything that was called."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "world"
        self.home.mkdir()
        for name in ("kops", "kubectl"):
            command = folder / name
            source = (STANDINS / f"{name}.py").read_text()
            command.write_text(f"#!{sys.executable} -I\n{source}")
            command.chmod(0o755)
        self.folder = folder
        self.plan_file = folder / "night.plan.json"
        self.told: list[Progress] = []

    @property
    def options(self) -> Options:
        environment = {
            "PATH": os.environ["PATH"],
            "STANDIN_DIR": str(self.home),
            "AWS_SECRET_ACCESS_KEY": "not/a/real/secret/0123456789",
        }
        return Options(
            kops=str(self.folder / "kops"),
            kubectl=str(self.folder / "kubectl"),
            environment=environment,
            retry_seconds=(0,),
        )

    def has(self, *clusters: ClusterState) -> None:
        """Put clusters into the world as they are, rolled and applied."""
        store: dict[str, Any] = {}
        objects: dict[str, Any] = {}
        for cluster in clusters:
            groups = {it.name: it.body for it in cluster.kops if it.kind == "InstanceGroup"}
            (document,) = [it.body for it in cluster.kops if it.kind == "Cluster"]
            store[cluster.full_name] = {"cluster": document, "groups": groups, "cloud": {}}
            for it in cluster.objects:
                objects[f"{it.kind.lower()}/{it.name}"] = it.body
        (self.home / "store.json").write_text(json.dumps(store))
        (self.home / "objects.json").write_text(json.dumps(objects))
        for name in store:
            self._kops("update", "cluster", name, "--yes")
        for record in ("count", "calls.jsonl"):
            (self.home / record).unlink(missing_ok=True)

    def plans(self, before: Sequence[ClusterState], after: Sequence[ClusterState]) -> Plan:
        """Write the plan from one fleet to the other."""
        made = plan(fleet(*before), fleet(*after))
        self.plan_file.write_bytes(encode_plan(made))
        return made

    def apply(self, made: Plan, **changes: Any) -> bool:
        options = msgspec.structs.replace(self.options, **changes)
        return apply(made, self.plan_file, options, self.told.append, lambda *_: True)

    def faults(self, **faults: Any) -> None:
        (self.home / "faults.json").write_text(json.dumps(faults))

    @property
    def calls(self) -> list[list[str]]:
        """Every call that could change something, without the program's path."""
        file = self.home / "calls.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        found = [json.loads(line) for line in lines]
        return [[it[0], *it[1]] for it in found if it[1][0] not in ("get", "version")]

    @property
    def environments(self) -> list[dict[str, str]]:
        """What kops saw of its environment at each call."""
        lines = (self.home / "calls.jsonl").read_text().splitlines()
        return [json.loads(line)[2] for line in lines if json.loads(line)[0] == "kops"]

    @property
    def store(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "store.json").read_text())
        return found

    @property
    def objects(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "objects.json").read_text())
        return found

    @property
    def run_folder(self) -> Path:
        return RunFolder(self.plan_file).path

    @property
    def journal(self) -> list[dict[str, Any]]:
        lines = (self.run_folder / "journal.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def _kops(self, *arguments: str) -> None:
        environment = dict(self.options.environment)
        subprocess.run(
            [str(self.folder / "kops"), *arguments], env=environment, check=True, cwd=self.folder
        )
