"""Kubernetes' own rules of merging, by type and field.

Source: the markers patchStrategy, patchMergeKey, listType, listMapKey, mapType and structType of
the types in k8s.io/api, as https://github.com/kubernetes/kubernetes/blob/v1.36.0/api/openapi-spec/
swagger.json has them; a test compares all of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.kube.patching.schema import Rule

ATOMIC_TYPES = frozenset(
    {
        "ConfigMapKeySelector",
        "EndpointAddress",
        "EndpointPort",
        "FileKeySelector",
        "LabelSelector",
        "LocalObjectReference",
        "NodeSelector",
        "NodeSelectorTerm",
        "ObjectFieldSelector",
        "ObjectReference",
        "OwnerReference",
        "ResourceFieldSelector",
        "RoleRef",
        "ScopeSelector",
        "SecretKeySelector",
        "SecretReference",
        "ServiceBackendPort",
        "Subject",
        "TopologySelectorTerm",
        "TypedLocalObjectReference",
    }
)
"""Types whose fields have one owner together."""


def _by(key: str) -> Rule:
    """A list of maps that one field tells apart, to all kinds of patches."""
    return Rule((key,), merge_key=key, strategy="merge")


_BY_NAME = _by("name")
_CONDITIONS = {"conditions": _by("type")}
_SET = Rule(is_set=True)
_ATOMIC_MAP = Rule(is_atomic_map=True, strategy="merge")
_VOLUMES = Rule(("name",), merge_key="name", strategy="merge,retainKeys")
_CONTAINER = {
    "env": _BY_NAME,
    "ports": Rule(("containerPort", "protocol"), merge_key="containerPort", strategy="merge"),
    "volumeDevices": _by("devicePath"),
    "volumeMounts": _by("mountPath"),
}

RULES: Mapping[str, Mapping[str, Rule]] = {
    "Container": _CONTAINER,
    "ContainerRestartRuleOnExitCodes": {"values": _SET},
    "ContainerStatus": {
        "allocatedResourcesStatus": _BY_NAME,
        "volumeMounts": _by("mountPath"),
    },
    "DaemonSetStatus": _CONDITIONS,
    "DeploymentSpec": {"strategy": Rule(strategy="retainKeys")},
    "DeploymentStatus": _CONDITIONS,
    "Endpoint": {"addresses": _SET},
    "EphemeralContainer": _CONTAINER,
    "HorizontalPodAutoscalerStatus": _CONDITIONS,
    "JobStatus": {"conditions": Rule(merge_key="type", strategy="merge")},
    "MutatingWebhook": {"matchConditions": _BY_NAME},
    "MutatingWebhookConfiguration": {"webhooks": _BY_NAME},
    "NamespaceStatus": _CONDITIONS,
    "NodeAllocatableResourceClaimStatus": {"containers": _SET},
    "NodeSpec": {"podCIDRs": Rule(is_set=True, strategy="merge")},
    "NodeStatus": {"addresses": _by("type"), **_CONDITIONS},
    "ObjectMeta": {
        "finalizers": Rule(is_set=True, strategy="merge"),
        "ownerReferences": _by("uid"),
    },
    "PersistentVolumeClaimStatus": _CONDITIONS,
    "PodDisruptionBudgetSpec": {"selector": Rule(strategy="replace")},
    "PodDisruptionBudgetStatus": _CONDITIONS,
    "PodFailurePolicyOnExitCodesRequirement": {"values": _SET},
    "PodSpec": {
        "containers": _BY_NAME,
        "ephemeralContainers": _BY_NAME,
        "hostAliases": _by("ip"),
        "imagePullSecrets": _BY_NAME,
        "initContainers": _BY_NAME,
        "nodeSelector": _ATOMIC_MAP,
        "resourceClaims": _VOLUMES,
        "schedulingGates": _BY_NAME,
        "topologySpreadConstraints": Rule(
            ("topologyKey", "whenUnsatisfiable"), merge_key="topologyKey", strategy="merge"
        ),
        "volumes": _VOLUMES,
    },
    "PodStatus": {
        "hostIPs": Rule(merge_key="ip", strategy="merge"),
        "podIPs": _by("ip"),
        "resourceClaimStatuses": _VOLUMES,
        **_CONDITIONS,
    },
    "ReplicaSetStatus": _CONDITIONS,
    "ReplicationControllerSpec": {"selector": _ATOMIC_MAP},
    "ReplicationControllerStatus": _CONDITIONS,
    "ResourceRequirements": {"claims": Rule(("name",))},
    "ResourceStatus": {"resources": Rule(("resourceID",))},
    "ServiceAccount": {"secrets": _BY_NAME},
    "ServiceSpec": {
        "ports": Rule(("port", "protocol"), merge_key="port", strategy="merge"),
        "selector": _ATOMIC_MAP,
    },
    "ServiceStatus": _CONDITIONS,
    "StatefulSetStatus": _CONDITIONS,
    "UncountedTerminatedPods": {"failed": _SET, "succeeded": _SET},
    "ValidatingWebhook": {"matchConditions": _BY_NAME},
    "ValidatingWebhookConfiguration": {"webhooks": _BY_NAME},
}
"""Fields that do not merge as `NO_RULE` says, by type."""

DEFAULT_KEYS: Mapping[str, str] = {"protocol": "TCP"}
"""Fields among the keys of lists that have a default where they are not written."""
