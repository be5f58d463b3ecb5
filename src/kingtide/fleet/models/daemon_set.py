"""DaemonSets: what every node's own work costs."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name
from kingtide.fleet.models.amounts import Amounts


class DaemonSet(Written):
    """One pod on every node: what a node's own work costs."""

    namespace: Name = "kube-system"
    """Its namespace."""
    requests: Amounts
    """What one pod requests."""
    limits: Amounts | None = None
    """Where one pod is limited; when absent, no limit."""
    node_group: Name | None = None
    """Only nodes of this application group; when absent, every node, whatever its taints."""
