"""Which kinds of objects are read and written here, and where the API has them.

Source: https://kubernetes.io/docs/reference/kubernetes-api/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kingtide.kube.wire import batch, budgets, configuration, nodes, pods, workloads


class ApiKind(msgspec.Struct, frozen=True):
    """A kind of object: its name, its place in the API, and how it becomes a value and back.

    `read` takes a JSON text and raises ValueError where it is no such object; `body` returns what
    the API would write.
    """

    kind: str
    api_version: str
    plural: str
    namespaced: bool
    read: Callable[[bytes | memoryview], Any]
    body: Callable[[Any], dict[str, Any]]
    short_names: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version within the group."""
        return self.api_version.rpartition("/")[2]

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the path of an object, or of all (of a namespace) without a name."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"
        within = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        tail = "".join(f"/{part}" for part in (name, subresource) if part)
        return f"{root}{within}/{self.plural}{tail}"


_KINDS = (
    ApiKind("Node", "v1", "nodes", False, nodes.read_node, nodes.node_body, ("no",)),
    ApiKind("Pod", "v1", "pods", True, pods.read_pod, pods.pod_body, ("po",)),
    ApiKind(
        "Namespace",
        "v1",
        "namespaces",
        False,
        configuration.read_namespace,
        configuration.namespace_body,
        ("ns",),
    ),
    ApiKind(
        "ConfigMap",
        "v1",
        "configmaps",
        True,
        configuration.read_config_map,
        configuration.config_map_body,
        ("cm",),
    ),
    ApiKind(
        "Deployment",
        "apps/v1",
        "deployments",
        True,
        workloads.read_deployment,
        workloads.deployment_body,
        ("deploy",),
    ),
    ApiKind(
        "ReplicaSet",
        "apps/v1",
        "replicasets",
        True,
        workloads.read_replica_set,
        workloads.replica_set_body,
        ("rs",),
    ),
    ApiKind(
        "StatefulSet",
        "apps/v1",
        "statefulsets",
        True,
        workloads.read_stateful_set,
        workloads.stateful_set_body,
        ("sts",),
    ),
    ApiKind(
        "DaemonSet",
        "apps/v1",
        "daemonsets",
        True,
        workloads.read_daemon_set,
        workloads.daemon_set_body,
        ("ds",),
    ),
    ApiKind("Job", "batch/v1", "jobs", True, batch.read_job, batch.job_body),
    ApiKind(
        "CronJob",
        "batch/v1",
        "cronjobs",
        True,
        batch.read_cron_job,
        batch.cron_job_body,
        ("cj",),
    ),
    ApiKind(
        "PodDisruptionBudget",
        "policy/v1",
        "poddisruptionbudgets",
        True,
        budgets.read_disruption_budget,
        budgets.disruption_budget_body,
        ("pdb",),
    ),
    ApiKind(
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        "horizontalpodautoscalers",
        True,
        configuration.read_autoscaler,
        configuration.autoscaler_body,
        ("hpa",),
    ),
    ApiKind(
        "PriorityClass",
        "scheduling.k8s.io/v1",
        "priorityclasses",
        False,
        configuration.read_priority_class,
        configuration.priority_class_body,
        ("pc",),
    ),
)


def api_kinds() -> Mapping[str, ApiKind]:
    """Return every kind by name, with a reader of pods of its own that shares their specs."""
    kinds = {it.kind: it for it in _KINDS}
    kinds["Pod"] = msgspec.structs.replace(kinds["Pod"], read=pods.PodReader().read)
    return kinds
