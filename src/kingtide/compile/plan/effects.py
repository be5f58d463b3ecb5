"""What a changed field of a kops document does to instances.

kops writes image, machine type, disk, user data and instance tags into a launch template; instances
of an older version of it are replaced by a rolling update. The user data holds a hash of what the
node's own set-up reads (kubelet flags, versions, network), so a change of that is a new version,
too. What stands only on the Auto Scaling group (sizes, the mix of types) changes at once, for
launches to come.

Source: kops v1.35, pkg/model/awsmodel/autoscalinggroup.go (buildLaunchTemplateTask and
buildAutoScalingGroupTask), pkg/model/context.go (CloudTagsForInstanceGroup: cloudLabels, nodeLabels
and taints become tags, which the launch template carries for its instances),
pkg/model/bootstrapscript.go (the hash of the node's configuration), and the field descriptions of
https://kops.sigs.k8s.io/cluster_spec/. A field that no table names rolls: rather one roll too many
in a plan than one that nobody expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kingtide.fleet.documents.tree import Path

GroupEffect = Literal["rolls", "launches", "resized", "settings"]
"""What happens to a group: its instances are replaced; only instances launched from now on differ;
only its bounds change; only how kops treats it changes."""

STRENGTH: tuple[GroupEffect, ...] = ("settings", "resized", "launches", "rolls")
"""From the least to the most that can happen."""

ClusterEffect = Literal["all", "control-plane", "none"]
"""Whose instances a field of the Cluster replaces."""

GROUP_FIELDS: Mapping[str, GroupEffect] = {
    "minSize": "resized",
    "maxSize": "resized",
    "autoscale": "settings",
    "autoscalePriority": "settings",
    "rollingUpdate": "settings",
    "suspendProcesses": "settings",
    "instanceProtection": "settings",
    "externalLoadBalancers": "settings",
    "mixedInstancesPolicy": "launches",
    "subnets": "launches",
    "zones": "launches",
    "capacityRebalance": "launches",
    "maxInstanceLifetime": "launches",
}
"""Fields of an InstanceGroup's spec that its launch template does not hold."""

CLUSTER_FIELDS: Mapping[str, ClusterEffect] = {
    # Rules of load balancers and security groups, roles and policies: not on the instance.
    "api": "none",
    "kubernetesApiAccess": "none",
    "sshAccess": "none",
    "nodePortAccess": "none",
    "additionalPolicies": "none",
    "externalPolicies": "none",
    "iam": "none",
    "subnets": "none",
    "channel": "none",
    "rollingUpdate": "none",
    # Add-ons, which the control plane applies to the running cluster.
    "addons": "none",
    "awsLoadBalancerController": "none",
    "certManager": "none",
    "clusterAutoscaler": "none",
    "metricsServer": "none",
    "nodeProblemDetector": "none",
    "podIdentityWebhook": "none",
    "snapshotController": "none",
    "nodeTerminationHandler": "none",
    "kubeDNS": "none",
    "authentication.aws.identityMappings": "none",
    # kubelets ask another address, or another domain.
    "kubeDNS.nodeLocalDNS.enabled": "all",
    "kubeDNS.nodeLocalDNS.localIP": "all",
    "kubeDNS.domain": "all",
    "kubeDNS.serverIP": "all",
    # The handler's queue finds instances by a tag of theirs.
    "nodeTerminationHandler.enabled": "all",
    "nodeTerminationHandler.enableSQSTerminationDraining": "all",
    "nodeTerminationHandler.managedASGTag": "all",
    # Flags of what runs on the control plane alone.
    "authentication": "control-plane",
    "authorization": "control-plane",
    "cloudControllerManager": "control-plane",
    "controlPlaneKubelet": "control-plane",
    "encryptionConfig": "control-plane",
    "etcdClusters": "control-plane",
    "iam.useServiceAccountExternalPermissions": "control-plane",
    "kubeAPIServer": "control-plane",
    "kubeControllerManager": "control-plane",
    "kubeScheduler": "control-plane",
    "masterKubelet": "control-plane",
    "serviceAccountIssuerDiscovery": "control-plane",
}
"""Fields of a Cluster's spec and whose instances they replace; the longest that fits counts."""


def group_effect(path: Path, *, has_mix: bool) -> GroupEffect:
    """Return what a changed field of an InstanceGroup does; `has_mix`: a mixedInstancesPolicy."""
    if path[:1] != ("spec",):
        return "settings"
    field = path[1] if len(path) > 1 else ""
    if field == "maxPrice" and has_mix:
        return "launches"  # then it stands on the group, not in the launch template
    return GROUP_FIELDS.get(str(field), "rolls")


def cluster_effect(path: Path) -> ClusterEffect:
    """Return whose instances a changed field of a Cluster replaces."""
    if path[:1] != ("spec",):
        return "none"
    steps = [str(step) for step in path[1:]]
    for length in range(len(steps), 0, -1):
        found = CLUSTER_FIELDS.get(".".join(steps[:length]))
        if found is not None:
            return found
    return "all"
