"""`python -m benchmarks.ingress`: what the ingress controller does to requests and how fast.

A real HAProxy, the controller as a process of its own, a served twin as the cluster, and clients
that count every request. Prints figures as JSON; exits 1 where a request failed.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import ingress_auth, ingress_rate, ingress_sync
from tests.real import haproxy
from tests.real.ingress_load import Churn, Client, change_on, client, fast_pods, loads
from tests.real.ingress_world import Cluster, cluster

Figures = dict[str, float]

REQUESTS, CHANGES, RELOADS, SECONDS = 200_000, 1_000, 50, 60.0
"""What has to be reached with no request failed; reloads are a second apart at least."""
FOLLOWED = 300
"""Changes whose way into traffic is timed: three are beyond the 99th percentile."""
BUSY_LOAD = 1.0
"""Above it, a core, the machine is called too loaded for times to mean much."""


def main() -> None:
    """Measure and print."""
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    with _served() as (it, ports):
        found = _followed(it, Churn(it, "web", ports))
        found |= _under_load(it, Churn(it, "web", ports))
    found |= ingress_sync.measured() | ingress_rate.measured()
    found |= ingress_auth.measured()
    found["load_before_a_core"] = round(busy, 2)
    if busy > BUSY_LOAD:
        print("warning: others use this machine: times say little", file=sys.stderr)
    print(json.dumps(found))
    raise SystemExit(1 if found["failed"] else 0)


@contextmanager
def _served() -> Iterator[tuple[Cluster, list[int]]]:
    with (
        TemporaryDirectory() as folder,
        TemporaryDirectory(prefix="kt") as short,
        cluster(Path(folder), Path(short)) as it,
        fast_pods(Path(folder), 40) as ports,
    ):
        it.serve("web")
        with it.controller():
            Churn(it, "web", ports)
            it.until(lambda: it.ask("web") in map(str, ports))
            yield it, ports


def _followed(it: Cluster, churn: Churn) -> Figures:
    """Return how long a change of endpoints takes from its write to the first request it serves."""
    taken = []
    for _ in range(FOLLOWED):
        began = time.perf_counter()
        wanted = str(churn.change())
        while haproxy.get(it.http, "web.example.com", "/")[1] != wanted:
            assert time.perf_counter() - began < 30, it.log.read_text()[-4000:]
        taken.append(1000 * (time.perf_counter() - began))
        time.sleep(0.05)
    hundredths = statistics.quantiles(taken, n=100)
    return {"change_to_traffic_p50_ms": hundredths[49], "change_to_traffic_p99_ms": hundredths[98]}


def _under_load(it: Cluster, churn: Churn) -> Figures:
    """Return how many requests were answered and failed while everything changes."""
    answered = failed = 0
    before, began = loads(it), time.monotonic()
    with client(it.http, "web.example.com", kept=6, new=3) as asking:
        change_on(it, churn, changes=CHANGES, reloads=RELOADS, seconds=SECONDS)
        answered, failed = _ended(asking)
    changes, reloads = churn.changes, loads(it) - before
    while answered < REQUESTS:  # a slow machine asks longer, and goes on changing
        with client(it.http, "web.example.com", kept=6, new=3) as asking:
            more = Churn(it, "web", churn.ports)
            change_on(it, more, changes=CHANGES // 10, reloads=0, seconds=SECONDS / 10)
            counts = _ended(asking)
        answered, failed = answered + counts[0], failed + counts[1]
        changes += more.changes
    return {
        "answered": answered,
        "failed": failed,
        "endpoint_changes": changes,
        "reloads": reloads,
        "requests_a_second_while_changing": answered / (time.monotonic() - began),
    }


def _ended(asking: Client) -> tuple[int, int]:
    count = asking.end()
    for it in count.failures:
        print(f"failed: {it}", file=sys.stderr)
    return count.answered, count.failed


if __name__ == "__main__":
    main()
