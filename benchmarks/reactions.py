"""How long a pod that finds no place waits for a decision, at the speed of life.

`kingtide up --speed 1` serves the cluster at rest; a Deployment is scaled beyond its room through
the API, again and again. The time runs from the moment a watch tells of the first pod that cannot
be scheduled to the moment the journal of `kingtide run` holds the request for nodes. Node
autoscaling lets a pod be two seconds old before it counts, as Cluster Autoscaler does; that setting
is 0 here, so that what is measured is what the process adds.
"""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import yaml

from benchmarks.two_processes import KINGTIDE, LEASE, Asked, beside, environment_of

BOUND_SECONDS = 1.0
"""What is asked of the slowest."""
TIMES = 7
AUTOSCALER = "autoscaler: {"
LONGEST_SECONDS = 60.0
REST_SECONDS = 3.0
"""Without a decision, before the next try."""
REPLICAS_MORE = 20
"""Three cores each: more than the pause pods' room and what nodes have left."""


def measure(asked: Asked, namespace: str, deployment: str) -> list[float]:
    """Return the seconds from pending to decided, one of each try.

    Raises:
        SystemExit: a process ended early, or nothing was decided at all.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        asked = msgspec.structs.replace(asked, scenario=_without_pod_age(asked, folder))
        up = [*KINGTIDE, "up", *asked.options, "--controllers", "none", "--speed", "1"]
        command = [*up, "--wait-for-lease", LEASE, "--out", "report", "--quiet"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as served:
            try:
                environment = environment_of(folder, served)
                with beside(asked, folder, environment), client_of(folder) as client:
                    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}/scale"
                    journal = folder / "journal" / "decisions.jsonl"
                    return [_one(client, journal, path) for _ in range(TIMES)]
            finally:
                served.terminate()


def _without_pod_age(asked: Asked, folder: Path) -> Path:
    """Return a copy of the scenario whose fleet counts pods from their first moment."""
    copy = Path(shutil.copytree(asked.scenario, folder / "scenario"))
    base = copy / "fleet" / "classes" / "base.yaml"
    text = base.read_text()
    if AUTOSCALER not in text:
        raise SystemExit(f"error: {base} has no `{AUTOSCALER}`")
    base.write_text(text.replace(AUTOSCALER, f"{AUTOSCALER}newPodAge: 0s, "))
    return copy


def _one(client: httpx2.Client, journal: Path, path: str) -> float:
    decided, pending = _Decided(_at_rest(journal)), _Pending(client)
    replicas = client.get(path).raise_for_status().json()["spec"]["replicas"]
    kind = {"content-type": "application/merge-patch+json"}
    body = json.dumps({"spec": {"replicas": replicas + REPLICAS_MORE}})
    client.patch(path, content=body, headers=kind).raise_for_status()
    pending_at = pending.wait()
    return decided.wait_after(pending_at) - pending_at


def _at_rest(journal: Path) -> Path:
    """Return the journal once nothing was written to it for a while."""
    ends, seen, since = time.monotonic() + LONGEST_SECONDS, -1, time.monotonic()
    while time.monotonic() - since < REST_SECONDS:
        if time.monotonic() > ends:
            raise SystemExit("error: the controllers did not come to rest")
        size = journal.stat().st_size if journal.is_file() else -1
        if size < 0 or size != seen:
            seen, since = size, time.monotonic()
        time.sleep(0.05)
    return journal


class _Decided(threading.Thread):
    """When the journal got requests for nodes."""

    def __init__(self, journal: Path) -> None:
        super().__init__(daemon=True)
        self._journal = journal
        self._from = journal.stat().st_size
        self._ats: list[float] = []
        self._is_over = False
        self.start()

    def run(self) -> None:
        with self._journal.open("rb") as file:
            file.seek(self._from)
            while not self._is_over:
                if b"SetDesiredCapacity" in file.readline():
                    self._ats.append(time.monotonic())
                else:
                    time.sleep(0.002)

    def wait_after(self, at: float) -> float:
        """Return the first moment that is not before another one."""
        ends = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < ends:
            for one in self._ats:
                if one >= at:
                    self._is_over = True
                    return one
            time.sleep(0.002)
        raise SystemExit(f"error: no nodes were asked for within {LONGEST_SECONDS:g} s")


class _Pending(threading.Thread):
    """When a watch told of a pod that cannot be scheduled, and could before or was not there."""

    def __init__(self, client: httpx2.Client) -> None:
        super().__init__(daemon=True)
        self._client = client
        self._at: float | None = None
        pods = client.get("/api/v1/pods").raise_for_status().json()
        self._revision = pods["metadata"]["resourceVersion"]
        self._known = {it["metadata"]["uid"] for it in pods["items"] if _is_unschedulable(it)}
        self.start()

    def run(self) -> None:
        wanted = {"watch": "1", "resourceVersion": self._revision}
        with self._client.stream("GET", "/api/v1/pods", params=wanted) as answer:
            for line in answer.iter_lines():
                pod = json.loads(line)["object"]
                if _is_unschedulable(pod) and pod["metadata"]["uid"] not in self._known:
                    self._at = time.monotonic()
                    return

    def wait(self) -> float:
        """Return the moment."""
        self.join(LONGEST_SECONDS)
        if self._at is None:
            raise SystemExit(f"error: every pod found a place within {LONGEST_SECONDS:g} s")
        return self._at


def _is_unschedulable(pod: dict[str, Any]) -> bool:
    """Return whether a pod has no place; one for which others make room has a nominated node."""
    if pod.get("status", {}).get("nominatedNodeName"):
        return False
    conditions = pod.get("status", {}).get("conditions", ())
    return any(it["type"] == "PodScheduled" and it["status"] == "False" for it in conditions)


@contextmanager
def client_of(folder: Path) -> Iterator[httpx2.Client]:
    """Yield a client of the cluster that `kingtide up` serves from a folder."""
    config = yaml.safe_load((folder / "kingtide.kubeconfig").read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    verify = ssl.create_default_context(cadata=authority)
    token = {"authorization": f"Bearer {user['token']}"}
    url = cluster["server"]
    with httpx2.Client(base_url=url, verify=verify, headers=token, timeout=60) as client:
        yield client
