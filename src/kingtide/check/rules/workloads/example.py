"""Manifests for examples: one of each kind in which nothing is wrong, and changes to them."""

from __future__ import annotations

from kingtide.check.rule import Example

ADMIN = (
    "nodeGroups: {admin: {dedicated: true,"
    " onDemand: {sizes: {8x: {instances: 8x-cpu32, min: 2, max: 6}}}}}\n"
)
"""A group of nodes for tools, below a cluster's spec."""
ON_ADMIN = """\
      nodeSelector: {kingtide.dev/node-group: admin}
      tolerations: [{key: kingtide.dev/node-group, operator: Equal, value: admin}]
"""
"""What the pods of a tool need to land there."""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}
"""
_PODS = """\
      containers:
      - name: %(name)s
        image: registry.acme.com/%(name)s:1.4.2
        resources: {requests: {cpu: 500m, memory: 512Mi}, limits: {cpu: 500m, memory: 512Mi}}
"""
DEPLOYMENT = (
    """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      dnsConfig: {options: [{name: ndots, value: "1"}]}
"""
    + _PODS % {"name": "api"}
)
DAEMON_SET = (
    """\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: shipper, namespace: kube-system}
spec:
  selector: {matchLabels: {app: shipper}}
  template:
    metadata: {labels: {app: shipper}}
    spec:
      dnsConfig: {options: [{name: ndots, value: "1"}]}
      priorityClassName: system-node-critical
      tolerations: [{key: kingtide.dev/node-group, operator: Exists}]
"""
    + _PODS % {"name": "shipper"}
)


def applied(*objects: str, spec: str = "") -> Example:
    """Return an example whose clusters have some objects."""
    return Example(spec=spec, files={"manifests/shop.yaml": "---\n".join(objects)})


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a manifest with parts of it replaced.

    Raises:
        ValueError: it has no such part.
    """
    for old, new in changes:
        if old not in text:
            raise ValueError(f"the manifest has no {old!r}")
        text = text.replace(old, new, 1)
    return text


def on_admin(text: str, *, toleration: bool = True, selector: bool = True) -> str:
    """Return a manifest whose pods run on the admin group's nodes, or half of what that takes."""
    lines = ON_ADMIN.splitlines(keepends=True)
    chosen = (lines[0] if selector else "") + (lines[1] if toleration else "")
    return changed(text, ("      containers:\n", f"{chosen}      containers:\n"))
