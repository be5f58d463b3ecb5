"""The cache of names on every node: a DaemonSet of dnsmasq, and its configuration.

The node's address for it, and who tells pods of it, are kops' (`compile/kops/node_dns.py`).
"""

from __future__ import annotations

import hashlib

from kingtide.compile.dns.dnsmasq import OWN_NAME, PORT, configuration, node_dns
from kingtide.compile.document import Body, Document
from kingtide.compile.kubernetes.config_map import config_map
from kingtide.compile.kubernetes.metadata import metadata
from kingtide.compile.subject import Subject
from kingtide.fleet.models.amounts import Amounts
from kingtide.fleet.node_daemons import NODE_DNS, node_daemons
from kingtide.kube.quantities import format_bytes, format_cpu

NAMESPACE = "kube-system"
NAME_LABEL = "app.kubernetes.io/name"
CONFIGURATION_KEY = "dnsmasq.conf"
CONFIGURATION_ANNOTATION = "kingtide.dev/configuration"
"""The configuration's hash on pods, so that another configuration is another revision of them."""
_FOLDER = "/etc/node-dns"


def node_dns_config_maps(subject: Subject) -> tuple[Document, ...]:
    """Return the configuration; nothing where another cache runs, or none."""
    if subject.spec.dns.cache != "dnsmasq":
        return ()
    text = configuration(node_dns(subject))
    return (config_map(NODE_DNS, NAMESPACE, {CONFIGURATION_KEY: text}, {NAME_LABEL: NODE_DNS}),)


def node_dns_daemon_sets(subject: Subject) -> tuple[Document, ...]:
    """Return the DaemonSet; nothing where another cache runs, or none."""
    if subject.spec.dns.cache != "dnsmasq":
        return ()
    if subject.spec.dns.dnsmasq.image is None:
        advice = "add `image:`, with dnsmasq 2.90 or later and nslookup in it"
        subject.note(("dns", "dnsmasq", "image"), "is missing", advice)
    text = configuration(node_dns(subject))
    revision = hashlib.sha256(text.encode()).hexdigest()[:16]
    selected = {NAME_LABEL: NODE_DNS}
    return (
        Document(
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": metadata(NODE_DNS, NAMESPACE, labels=selected),
                "spec": {
                    "selector": {"matchLabels": {**selected}},
                    "template": {
                        "metadata": {
                            "annotations": {CONFIGURATION_ANNOTATION: revision},
                            "labels": {**selected},
                        },
                        "spec": _pod_spec(subject),
                    },
                    # While one is replaced its node's pods ask CoreDNS, after a time-out.
                    "updateStrategy": {
                        "rollingUpdate": {"maxUnavailable": "5%"},
                        "type": "RollingUpdate",
                    },
                },
            }
        ),
    )


def _pod_spec(subject: Subject) -> Body:
    return {
        "automountServiceAccountToken": False,
        "containers": [_container(subject)],
        # Its own questions, of which there are none but the probe's, do not pass through itself.
        "dnsPolicy": "Default",
        "enableServiceLinks": False,
        "hostNetwork": True,
        "priorityClassName": "system-node-critical",
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "terminationGracePeriodSeconds": 5,
        # Every node has pods that resolve names, whatever keeps others from it.
        "tolerations": [{"operator": "Exists"}],
        "volumes": [{"configMap": {"name": NODE_DNS}, "name": "configuration"}],
    }


def _container(subject: Subject) -> Body:
    dns = subject.spec.dns
    daemon = node_daemons(subject.spec)[NODE_DNS]
    address = dns.dnsmasq.address
    return {
        "args": ["--keep-in-foreground", f"--conf-file={_FOLDER}/{CONFIGURATION_KEY}"],
        "command": ["/usr/sbin/dnsmasq"],
        "image": dns.dnsmasq.image or "",
        # By what is its own: a dead upstream must not restart caches that still answer from memory.
        # By an answer: the kernel takes connections for a process that hangs, and then glibc waits
        # without end (use-vc). For a minute: questions are lost in a peak too, and a restart
        # forgets everything.
        "livenessProbe": {**_answers(f"{OWN_NAME}.", address), "failureThreshold": 6},
        "name": "dnsmasq",
        # They keep it from a node where another cache, as kops' own, still has the port.
        "ports": [_port(address, "UDP"), _port(address, "TCP")],
        # By CoreDNS' answer: a configuration that brings none stops its own roll-out.
        "readinessProbe": _answers(f"kubernetes.default.svc.{dns.domain}.", address),
        "resources": {
            "limits": _amounts(daemon.limits or daemon.requests),
            "requests": _amounts(daemon.requests),
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            # The port below 1024, then nobody's rights: dnsmasq gives root up itself.
            "capabilities": {"add": ["NET_BIND_SERVICE", "SETGID", "SETUID"], "drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsUser": 0,  # whatever user the image names, who could not take the port
        },
        "volumeMounts": [{"mountPath": _FOLDER, "name": "configuration", "readOnly": True}],
    }


def _answers(name: str, address: str) -> Body:
    """Return a probe that asks for a name, up to four times: one question may be lost."""
    return {
        "exec": {"command": ["nslookup", "-type=a", "-timeout=1", "-retry=4", name, address]},
        "failureThreshold": 3,
        "periodSeconds": 10,
        "timeoutSeconds": 5,
    }


def _port(address: str, protocol: str) -> Body:
    return {"containerPort": PORT, "hostIP": address, "hostPort": PORT, "protocol": protocol}


def _amounts(amounts: Amounts) -> Body:
    return {"cpu": format_cpu(amounts.cpu), "memory": format_bytes(amounts.memory)}
