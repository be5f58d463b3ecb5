"""A node in a network of its own: the compiled cache at its real address, and CoreDNS behind it.

Run as a process by `unshare --net --mount`; prints one JSON object of what glibc was answered.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kingtide.compile.dns.dnsmasq import OWN_NAME
from kingtide.live.dns.client import DnsClient, Unanswered
from kingtide.live.dns.message import Question

CACHE, CORE_DNS = "169.254.20.10", "100.64.0.10"
NAME, ADDRESS = "stock.shop.svc.cluster.local", "100.64.1.1"


@contextmanager
def dnsmasq(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a dnsmasq until the end of the block, however it ends itself."""
    command = [sys.argv[2], "--keep-in-foreground", *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def lookup(options: str = "") -> subprocess.Popen[str]:
    """Begin a lookup by glibc, with options of resolv.conf."""
    command = ["getent", "ahostsv4", f"{NAME}."]
    environment = {**os.environ, "RES_OPTIONS": options}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def answer(begun: subprocess.Popen[str]) -> str | None:
    """Return the address that a lookup brings, None where it brings none."""
    told, _ = begun.communicate(timeout=60)
    return told.split()[0] if told else None


def timed(options: str = "") -> tuple[str | None, float]:
    """Return what a lookup brings, and after how many seconds."""
    started = time.monotonic()
    found = answer(lookup(options))
    return found, time.monotonic() - started


def answers(server: str, name: str) -> bool:
    """Whether a server answers a name."""
    with DnsClient(server, 53, timeout_seconds=0.3, queries_per_second=100) as client:
        try:
            return client.ask(Question(name)).records == 1
        except Unanswered:
            return False


def wait_for(server: str, name: str) -> None:
    """Wait until a server answers a name."""
    ends = time.monotonic() + 30
    while not answers(server, name):
        if time.monotonic() > ends:
            raise TimeoutError(f"{server} does not answer")
        time.sleep(0.02)


def prepare(folder: Path) -> None:
    """Give this network its addresses, and this process its resolv.conf."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (CACHE, CORE_DNS):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    for name, text in (
        ("resolv.conf", f"nameserver {CACHE}\nnameserver {CORE_DNS}\n"),
        ("nsswitch.conf", "hosts: dns\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        command = ["mount", "--bind", str(folder / name), f"/etc/{name}"]
        subprocess.run(command, check=True)


def main(folder: Path) -> dict[str, object]:
    """Return what lookups brought while the cache lived, hung and was dead."""
    found: dict[str, object] = {}
    cache = f"--conf-file={folder}/dnsmasq.conf"
    core = (f"--listen-address={CORE_DNS}", "--bind-interfaces", "--no-resolv", "--no-hosts")
    with dnsmasq(*core, "--pid-file", "--conf-file=/dev/null", f"--address=/{NAME}/{ADDRESS}"):
        with dnsmasq(cache) as process:
            wait_for(CORE_DNS, NAME)
            wait_for(CACHE, OWN_NAME)
            found["alive"] = timed()
            process.send_signal(signal.SIGSTOP)
            over_tcp = lookup("use-vc")
            found["hung"] = timed("timeout:1")
            with socket.create_connection((CACHE, 53), timeout=10):
                found["hung cache takes connections"] = True
            found["hung cache answers"] = answers(CACHE, OWN_NAME)
            found["over TCP while it hangs"] = over_tcp.poll()
            process.kill()
            found["over TCP once it is killed"] = answer(over_tcp)
        found["dead"] = timed()
        found["dead over TCP"] = timed("use-vc")
    return found


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))))
