"""The policy in the fleet's own words, for kops to make a role of the service account.

kops makes the role, its trust in the cluster's issuer, and the webhook that hands it to the pods
(`iam.serviceAccounts` of a cluster, kops' serviceAccountExternalPermissions).
Source: https://kops.sigs.k8s.io/cluster_spec/#service-account-issuer-discovery-and-aws-iam-roles-for-service-accounts-irsa
"""

from __future__ import annotations

from typing import Any

from kingtide.compile.document import Body
from kingtide.fleet.models.iam import ServiceAccountRole
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.operate.installation.aws_policy import policy
from kingtide.operate.installation.installation import NAME, Installation


def role(installation: Installation) -> Body:
    """Return what a cluster's file says to give the pods their role."""
    one: Body = {
        "name": NAME,
        "namespace": KINGTIDE_NAMESPACE,
        "statements": policy(installation)["Statement"],
    }
    return {"iam": {"serviceAccounts": [one]}}


def written_role(installation: Installation) -> ServiceAccountRole | None:
    """Return the role that the cluster gives the service account, None where it gives none."""
    written = installation.cluster.spec.iam.service_accounts
    ours = (KINGTIDE_NAMESPACE, NAME)
    return next((it for it in written if (it.namespace, it.name) == ours), None)


def lacks(installation: Installation, written: ServiceAccountRole) -> list[str]:
    """Return the calls that a role's statements do not name; of managed policies nothing is known.

    Only names are compared, not resources and conditions.
    """
    if written.statements is None:
        return []
    named = {it for one in written.statements for it in _listed(one.get("Action"))}
    statements: Any = policy(installation)["Statement"]
    wanted = sorted({it for one in statements for it in one["Action"]})
    return [it for it in wanted if it not in named and f"{it.split(':')[0]}:*" not in named]


def _listed(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(it) for it in value] if isinstance(value, list) else []
