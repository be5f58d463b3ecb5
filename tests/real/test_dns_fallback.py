"""What a pod's glibc is answered when its node's cache hangs or dies.

The compiled configuration, at the address of every node, in a network of the test's own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real import dnsmasq
from tests.real.dns_node import ADDRESS, CACHE, CORE_DNS
from tests.unit.compile.fleets import compiled, only

pytestmark = dnsmasq.needs_dnsmasq
APART = ["unshare", "--net", "--mount"]


def test_a_pod_asks_coredns_when_its_nodes_cache_is_gone(tmp_path: Path) -> None:
    if subprocess.run([*APART, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root can have a network of its own")
    settings = {"mode": "dnsmasq", "dnsmasq": {"image": "example.com/dnsmasq", "coreDns": CORE_DNS}}
    objects = compiled(dns=settings).objects
    data = only(objects, "ConfigMap", "node-dns").body["data"]
    assert isinstance(data, dict)
    text = str(data["dnsmasq.conf"])
    assert f"listen-address={CACHE}\n" in text
    (tmp_path / "dnsmasq.conf").write_text(text, encoding="utf-8")
    command = [*APART, sys.executable, "-m", "tests.real.dns_node", str(tmp_path)]
    done = subprocess.run(
        [*command, str(dnsmasq.DNSMASQ)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["alive"][0] == ADDRESS
    # A port that nobody listens on refuses: the next server is asked at once, not after five
    # seconds.
    for state in ("dead", "dead over TCP"):
        address, seconds = found[state]
        assert (address, seconds < 4.5) == (ADDRESS, True), state
    # One that hangs costs the time-out, and over TCP glibc has none: only its end ends the wait.
    address, seconds = found["hung"]
    assert (address, seconds >= 0.9) == (ADDRESS, True)
    assert found["over TCP while it hangs"] is None
    assert found["over TCP once it is killed"] == ADDRESS
    # So liveness is asked by an answer: the kernel takes connections for it meanwhile.
    assert found["hung cache takes connections"]
    assert not found["hung cache answers"]
