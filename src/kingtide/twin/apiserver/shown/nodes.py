"""A node's status as its kubelet writes it: addresses, versions, the usual conditions."""

from __future__ import annotations

from typing import Any

from kingtide.kube.nodes import ARCH_LABEL, HOSTNAME_LABEL, REGION_LABEL, Node
from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.shown.pods import address

Body = dict[str, Any]

KUBELET_VERSION = "v1.36.0"
CONTAINER_RUNTIME = "containerd://2.2.0"
KERNEL = "6.12.0-twin"
OS_IMAGE = "kingtide twin"
HEARTBEAT_MS = 300_000
"""A kubelet writes its conditions every five minutes when nothing changes
(nodeStatusReportFrequency, https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/)."""


def node_shown(node: Node, body: Body, now_ms: int) -> None:
    """Complete a node's body."""
    status = body["status"]
    internal = address(node.name, 10)
    name = node.labels.get(HOSTNAME_LABEL, node.name)
    region = node.labels.get(REGION_LABEL, "")
    dns = f"ip-{internal.replace('.', '-')}.{region}.compute.internal" if region else name
    status["addresses"] = [
        {"type": "InternalIP", "address": internal},
        {"type": "Hostname", "address": name},
        {"type": "InternalDNS", "address": dns},
    ]
    status["nodeInfo"] = {
        "architecture": node.labels.get(ARCH_LABEL, "amd64"),
        "bootID": "",
        "containerRuntimeVersion": CONTAINER_RUNTIME,
        "kernelVersion": KERNEL,
        "kubeProxyVersion": "",
        "kubeletVersion": KUBELET_VERSION,
        "machineID": node.instance_id,
        "operatingSystem": "linux",
        "osImage": OS_IMAGE,
        "systemUUID": node.instance_id,
    }
    # A node that is not Ready was heard of last when it was; of others every five minutes.
    since_ms = node.ready.since_ms
    quiet_ms = (now_ms - since_ms) % HEARTBEAT_MS
    heard = time_text(since_ms if not node.is_ready else now_ms - quiet_ms)
    for condition in status["conditions"]:
        condition["lastHeartbeatTime"] = heard
