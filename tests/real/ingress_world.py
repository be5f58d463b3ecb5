"""A served twin with Ingresses, pods that answer with their name, and the controller's process."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.wire.ingresses import ingress_body
from kingtide.kube.wire.services import endpoint_slice_body, service_body
from kingtide.live.external_auth.process import AuthAgent
from tests.free_ports import free_port
from tests.real import haproxy
from tests.served_world import ServedWorld, served_world

KINGTIDE = [sys.executable, "-c", "from kingtide.cli import main; main()"]
PATIENCE_SECONDS = 60
"""For a process to start on a machine that is busy with other tests."""
NAMESPACE = "shop"


class Cluster:
    """The cluster's API, the controller's command line, and where HAProxy listens."""

    def __init__(self, served: ServedWorld, folder: Path, short: Path) -> None:
        self.client = served.client()
        self.kubeconfig = served.write_kubeconfig(folder)
        self.http, self.health = free_port(), free_port()
        self.folder, self.log = short, folder / "log"
        self._fleet = folder / "fleet"
        cluster = self._fleet / "clusters" / "prod.yaml"
        ports = f"httpPort: {self.http}, httpsPort: {free_port()}"
        ports += f", statsPort: {free_port()}, threads: 1, reloadInterval: 1s"
        ports += ", publishAddresses: [edge.example.com], externalAuthHosts: [127.0.0.1]"
        cluster.write_text(f"{cluster.read_text()}  ingress: {{{ports}}}\n")
        for name in (NAMESPACE, "kingtide-system"):
            self.write("/api/v1/namespaces", {"kind": "Namespace", "metadata": {"name": name}})

    def write(self, path: str, body: Mapping[str, Any]) -> None:
        """Create an object, or put another one in its place."""
        made = self.client.post(path, json=body)
        if made.status_code == 409:
            made = self.client.put(f"{path}/{body['metadata']['name']}", json=body)
        assert made.status_code < 300, made.text

    def serve(self, name: str, **annotations: str) -> None:
        """Have `name.example.com` lead to a Service of that name."""
        to = HttpPath("/", "Prefix", IngressBackend(name, 80))
        rule = IngressRule(f"{name}.example.com", (to,))
        written = {f"haproxy.org/{key}": value for key, value in annotations.items()}
        service = Service(NAMESPACE, name, ports=(ServicePort(80, "http", 8080),))
        self.write(f"/api/v1/namespaces/{NAMESPACE}/services", service_body(service))
        ingress = ingress_body(Ingress(NAMESPACE, name, rules=(rule,), annotations=written))
        self.write(_path("networking.k8s.io", "ingresses"), ingress)

    def endpoints(self, name: str, *ports: int) -> None:
        """Have pods behind a Service: one on each of these ports."""
        for place, port in enumerate(ports):
            self.slice(name, place, port)
        for place in range(len(ports), 9):
            if self.client.delete(f"{slices_path()}/{name}-{place}").status_code == 404:
                break

    def slice(self, name: str, place: int, port: int) -> None:
        """Have a pod behind a Service."""
        endpoint = (Endpoint(("127.0.0.1",), target=f"{name}-{port}"),)
        ports = (EndpointPort(port, "http"),)
        it = EndpointSlice(NAMESPACE, f"{name}-{place}", name, "IPv4", endpoint, ports)
        self.write(slices_path(), endpoint_slice_body(it))

    def ask(self, name: str) -> str:
        """Return what a request is answered with: a body, a status, or that nobody listens."""
        try:
            status, body = haproxy.get(self.http, f"{name}.example.com", "/")
        except OSError:
            return "nobody"
        return body if status == 200 else str(status)

    def ready(self) -> int:
        """Return the status of /readyz, 0 where nobody answers."""
        try:
            return haproxy.get(self.health, "localhost", "/readyz")[0]
        except OSError:
            return 0

    def metrics(self) -> str:
        """Return /metrics."""
        return haproxy.get(self.health, "localhost", "/metrics")[1]

    @contextmanager
    def controller(self, *, drain_seconds: int = 1) -> Iterator[subprocess.Popen[bytes]]:
        """Run the controller's process until the block ends, or it was ended in it."""
        line = [*KINGTIDE, "run", "ingress", "--cluster", "prod", "--fleet", str(self._fleet)]
        line += ["--kubeconfig", str(self.kubeconfig), "--listen", str(self.health), "--json"]
        line += ["--config-dir", str(self.folder), "--drain-seconds", str(drain_seconds)]
        assert haproxy.HAPROXY is not None
        line += ["--haproxy", haproxy.HAPROXY]
        with self.log.open("ab") as log, subprocess.Popen(line, stderr=log) as process:
            try:
                yield process
            finally:
                process.terminate()
                process.wait(PATIENCE_SECONDS)

    def until(self, holds: Callable[[], object]) -> float:
        """Wait until something holds; return how long that took, in seconds."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < PATIENCE_SECONDS, self.log.read_text()[-8000:]
            time.sleep(0.005)
        return time.monotonic() - began

    def workers(self) -> list[int]:
        """Return HAProxy's processes: those whose command names our folder."""
        found = []
        for it in Path("/proc").iterdir():
            if it.name.isdecimal():
                try:
                    command = (it / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"haproxy" in command.split(b"\0")[0] and str(self.folder).encode() in command:
                    found.append(int(it.name))
        return found

    def kill_haproxy(self) -> None:
        """Kill all of HAProxy's processes, at once."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def kill_agent(self) -> None:
        """Kill the agent of auth-url where it runs; its workers end with it."""
        pid = AuthAgent(Layout(str(self.folder))).pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)


def _path(group: str, plural: str) -> str:
    version = "v1"
    return f"/apis/{group}/{version}/namespaces/{NAMESPACE}/{plural}"


def slices_path() -> str:
    """Return where EndpointSlices are made."""
    return _path("discovery.k8s.io", "endpointslices")


@contextmanager
def cluster(folder: Path, short: Path) -> Iterator[Cluster]:
    """Serve a twin; HAProxy's files go into `short`, whose path leaves room for sockets."""
    with served_world(folder) as served:
        found = Cluster(served, folder, short)
        try:
            yield found
        finally:
            found.kill_haproxy()
            found.kill_agent()
            found.client.close()


@contextmanager
def pods(*names: str) -> Iterator[dict[str, int]]:
    """Run pods that answer with their name; return their ports."""
    servers = {}
    for name in names:
        handler = type("Pod", (_Pod,), {"body": name.encode()})
        servers[name] = _Server(("127.0.0.1", 0), handler)
    for it in servers.values():
        threading.Thread(target=it.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield {name: it.server_address[1] for name, it in servers.items()}
    finally:
        for it in servers.values():
            it.shutdown()
            it.server_close()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a HAProxy that is killed resets its connections."""


class _Pod(http.server.BaseHTTPRequestHandler):
    body = b""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Say nothing."""
