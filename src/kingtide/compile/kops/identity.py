"""Who may do what: people by aws-iam-authenticator, pods by IAM roles for service accounts."""

from __future__ import annotations

import json

from kingtide.compile.document import Body
from kingtide.compile.subject import Subject
from kingtide.fleet.models.iam import ServiceAccountRole


def authentication(subject: Subject) -> Body:
    """Return the authenticator's mappings, nothing without any.

    kops takes mappings with the backend CRD only; then no restart is needed to change them.
    Source: https://kops.sigs.k8s.io/authentication/#aws-iam-authenticator
    """
    mappings: list[Body] = []
    for mapping in subject.spec.iam.authenticator:
        one: Body = {"arn": mapping.arn, "username": mapping.username}
        if mapping.groups:
            one["groups"] = list(mapping.groups)
        mappings.append(one)
    if not mappings:
        return {}
    return {"authentication": {"aws": {"backendMode": "CRD", "identityMappings": [*mappings]}}}


def iam(subject: Subject) -> Body:
    """Return the cluster's own roles, and those of service accounts by namespace and name."""
    written = subject.spec.iam
    found: Body = {"allowContainerRegistry": True, "legacy": False}
    if written.permissions_boundary is not None:
        found["permissionsBoundary"] = written.permissions_boundary
    if written.service_accounts:
        ordered = sorted(written.service_accounts, key=lambda it: (it.namespace, it.name))
        found["serviceAccountExternalPermissions"] = [_permissions(role) for role in ordered]
        found["useServiceAccountExternalPermissions"] = True
    return {"iam": found}


def issuer_discovery(subject: Subject) -> Body:
    """Return where AWS finds the keys by which it knows the cluster's service accounts.

    Every cluster has a folder of its own in the bucket, as `kops create cluster --discovery-store`
    gives it (https://kops.sigs.k8s.io/cluster_spec/#service-account-issuer-discovery-and-aws-iam-roles-for-service-accounts-irsa).
    """
    written = subject.spec.iam
    if written.issuer_bucket is None:
        if written.service_accounts:
            wrong = "is missing, and service accounts have roles"
            advice = "add `issuerBucket:`, for example s3://acme-oidc"
            subject.note(("iam", "issuerBucket"), wrong, advice)
        return {}
    store = f"{written.issuer_bucket.rstrip('/')}/{subject.full_name}"
    return {
        "serviceAccountIssuerDiscovery": {"discoveryStore": store, "enableAWSOIDCProvider": True}
    }


def _permissions(role: ServiceAccountRole) -> Body:
    aws: Body
    if role.policy_arns is not None:
        aws = {"policyARNs": list(role.policy_arns)}
    else:
        # As text, which kops passes on; a fraction is text in IAM's conditions too.
        policy = json.dumps(role.statements, indent=2, sort_keys=True, default=str)
        aws = {"inlinePolicy": f"{policy}\n"}
    return {"aws": aws, "name": role.name, "namespace": role.namespace}
