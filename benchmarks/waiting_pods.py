"""How long a pod that finds no place waits for its line in the journal, while much else changes.

Pods are created whose node selector no node has: each waits, and gets a verdict of its own. The
time runs from the request that creates one to its verdict's line; the scheduler's look, the watch,
the distance of passes and the decision are all within.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2

NAMESPACE = "team-0"
MEAN_REST_SECONDS = 0.15
"""Between two pods; each rest differs, so that none keeps step with the passes."""
LONGEST_SECONDS = 30.0
LOOK_SECONDS = 0.002
_PROBE = re.compile(rb'"subject":"pod/[^"/]+/(waiting-\d+)"')


def reactions(
    client: httpx2.Client, journal: Path, goes_on: Callable[[], bool], seed: int = 1
) -> list[float]:
    """Return how many seconds each pod waited, of those created while it goes on.

    Raises:
        SystemExit: one was not decided on within LONGEST_SECONDS.
    """
    chance = random.Random(seed)
    told = _Told(journal)
    asked: dict[str, float] = {}
    left: list[str] = []
    try:
        while goes_on():
            name = f"waiting-{len(asked)}"
            asked[name] = time.monotonic()
            _create(client, name)
            left.append(name)
            time.sleep(chance.uniform(0, 2 * MEAN_REST_SECONDS))
            for it in [it for it in left if it in told.ats]:
                left.remove(it)
                _delete(client, it)
        ends = time.monotonic() + LONGEST_SECONDS
        while any(it not in told.ats for it in left) and time.monotonic() < ends:
            time.sleep(LOOK_SECONDS)
    finally:
        told.end()
    missing = [it for it in asked if it not in told.ats]
    if missing:
        raise SystemExit(f"error: no decision on {', '.join(missing)} in {LONGEST_SECONDS:g} s")
    return [told.ats[it] - at for it, at in asked.items()]


def _create(client: httpx2.Client, name: str) -> None:
    container = {"name": "main", "image": "main", "resources": {"requests": {"cpu": "1"}}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"nodeSelector": {"only": name}, "containers": [container]},
    }
    path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    client.post(path, json=pod).raise_for_status()


def _delete(client: httpx2.Client, name: str) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}"
    client.delete(path, params={"gracePeriodSeconds": "0"}).raise_for_status()


class _Told(threading.Thread):
    """When the journal first told of each pod: `ats`, by the monotonic clock."""

    def __init__(self, journal: Path) -> None:
        super().__init__(daemon=True)
        self.ats: dict[str, float] = {}
        self._journal = journal
        self._from = journal.stat().st_size
        self._is_over = False
        self.start()

    def run(self) -> None:
        with self._journal.open("rb") as file:
            file.seek(self._from)
            while not self._is_over:
                line = file.readline()
                for name in _PROBE.findall(line):
                    self.ats.setdefault(name.decode(), time.monotonic())
                if not line:
                    time.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """Look no more."""
        self._is_over = True
        self.join()
