"""The add-ons that kops owns: what bootstraps identity and DNS. Everything else is a tool's.

One owner each: kops and a chart that run the same program fight about it. What nobody said is left
out, so that kops' default of the version in hand holds.
"""

from __future__ import annotations

from kingtide.compile.document import Body
from kingtide.compile.subject import Subject

NODE_TERMINATION_HANDLER = "aws-node-termination-handler"
POD_IDENTITY_WEBHOOK = "amazon-eks-pod-identity-webhook"
CERT_MANAGER = "cert-manager"
"""Charts by their names in the repositories that publish them."""


def addons(subject: Subject) -> Body:
    """Return the add-ons' settings."""
    return {**_pod_identity(subject), **_termination_handler(subject), **_dns(subject)}


def _pod_identity(subject: Subject) -> Body:
    """Return the webhook that hands pods their role, and cert-manager, without which it is refused.

    Where cert-manager is a tool of the fleet, kops is told that somebody else manages it.
    Source: https://kops.sigs.k8s.io/addons/#cert-manager
    """
    if not subject.spec.iam.service_accounts or subject.tool(POD_IDENTITY_WEBHOOK) is not None:
        return {}
    manager: Body = {"enabled": True}
    if subject.tool(CERT_MANAGER) is not None:
        manager["managed"] = False
    return {"certManager": manager, "podIdentityWebhook": {"enabled": True}}


def _termination_handler(subject: Subject) -> Body:
    """Return aws-node-termination-handler's settings.

    It is off where our spot_interruption empties nodes, or where the fleet installs it by a chart.
    """
    ours = subject.spec.spot_interruption is not None
    if ours or subject.tool(NODE_TERMINATION_HANDLER) is not None:
        return {"nodeTerminationHandler": {"enabled": False}}
    return {"nodeTerminationHandler": {"enableSQSTerminationDraining": True, "enabled": True}}


def _dns(subject: Subject) -> Body:
    """Return CoreDNS, and the cache on every node.

    The cache asks CoreDNS for the cluster's own names only, and the VPC's resolver for all others:
    a burst of outside names does not reach CoreDNS.
    Source: https://kops.sigs.k8s.io/cluster_spec/#kubedns
    """
    found: Body = {"provider": "CoreDNS"}
    cache = subject.spec.dns.cache
    if cache == "nodeLocal":
        found["nodeLocalDNS"] = {"enabled": True, "forwardToKubeDNS": False}
    elif cache is not None:
        found["nodeLocalDNS"] = {"enabled": False}
    return {"kubeDNS": found}
