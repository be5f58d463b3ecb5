"""Load on a running controller, while the cluster changes; every request is counted."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice
from kingtide.kube.wire.services import endpoint_slice_body
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.ingress_world import NAMESPACE, Cluster, slices_path

ROOT = Path(__file__).parents[2]
SERVING = 4
"""Pods that serve at a time, of those that there are."""


class Count(msgspec.Struct, frozen=True):
    """What a client counted."""

    answered: int
    failed: int
    failures: tuple[str, ...]


class Client:
    """An exact client in a process of its own; `count` is known once it has ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def end(self) -> Count:
        """Let it finish, and return what it counted."""
        said, _ = self._process.communicate("", timeout=60)
        answered, failed, failures = json.loads(said)
        return Count(answered, failed, tuple(failures))


@contextmanager
def client(port: int, host: str, *, kept: int, new: int) -> Iterator[Client]:
    """Run a client until the block ends."""
    line = [sys.executable, "-m", "tests.real.exact_client", str(port), host, str(kept), str(new)]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield Client(process)
        finally:
            if process.poll() is None:
                process.kill()


@contextmanager
def fast_pods(folder: Path, count: int) -> Iterator[list[int]]:
    """Run pods that answer with their port: one HAProxy that answers by itself on each."""
    ports: list[int] = []
    lines = ["global", "  nbthread 1", "defaults", "  mode http"]
    lines += ["  timeout client 60s", "  timeout server 60s", "  timeout connect 5s"]
    while len(ports) < count:
        port = free_port()
        if port not in ports:
            ports.append(port)
    for port in ports:
        lines += [f"frontend on_{port}", f"  bind 127.0.0.1:{port}"]
        lines.append(f'  http-request return status 200 content-type text/plain string "{port}"')
    file = folder / "pods.cfg"
    file.write_text("\n".join(lines) + "\n")
    with haproxy.running(str(file), ports[0]):
        yield ports


def put_endpoints(it: Cluster, name: str, ports: list[int]) -> None:
    """Have pods on these ports behind a Service, by one write."""
    slices = [
        EndpointSlice(
            NAMESPACE,
            f"{name}-{place}",
            name,
            "IPv4",
            (Endpoint(("127.0.0.1",), target=f"{name}-{port}"),),
            (EndpointPort(port, "http"),),
        )
        for place, port in enumerate(ports)
    ]
    for one in slices:
        it.write(slices_path(), endpoint_slice_body(one))


class Churn:
    """Changes of a Service's endpoints, one after the other: each puts one pod for another."""

    def __init__(self, it: Cluster, name: str, ports: list[int]) -> None:
        self._it = it
        self._name = name
        self.ports = ports
        self.changes = 0
        put_endpoints(it, name, ports[:SERVING])

    def change(self) -> int:
        """Put the next pod in the place of the one that served longest; return its port."""
        port = self.ports[(self.changes + SERVING) % len(self.ports)]
        self._it.slice(self._name, self.changes % SERVING, port)
        self.changes += 1
        return port


def loads(it: Cluster) -> int:
    """Return how often HAProxy was reloaded because its structure changed."""
    start = 'kingtide_ingress_loads_total{reason="structure",result="done"} '
    lines = it.metrics().splitlines()
    return int(float(next((one[len(start) :] for one in lines if one.startswith(start)), "0")))


def change_on(it: Cluster, churn: Churn, *, changes: int, reloads: int, seconds: float) -> None:
    """Make so many changes of endpoints and reloads, evenly over at least so long."""
    began, first, asked = time.monotonic(), loads(it), 0
    while churn.changes < changes or loads(it) - first < reloads:
        share = min((time.monotonic() - began) / seconds, 1.0)
        if churn.changes < changes and churn.changes <= share * changes:
            churn.change()
        elif asked < reloads and asked <= share * reloads and loads(it) - first == asked:
            it.serve(f"more-{asked}")  # a backend that was not there: the structure changes
            asked += 1
        else:
            time.sleep(0.005)
        assert time.monotonic() - began < 20 * seconds, it.log.read_text()[-4000:]
