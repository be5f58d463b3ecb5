"""Who may do what: people by the IAM authenticator, pods by roles of service accounts."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name


class IdentityMapping(Written):
    """An IAM role or user that is somebody in the cluster."""

    arn: str
    """The role or user, as arn:aws:iam::111111111111:role/platform."""
    username: str
    """Its name in the cluster; may hold {{SessionName}}."""
    groups: tuple[str, ...] = ()
    """Its groups in the cluster, for example system:masters."""


class ServiceAccountRole(Written):
    """What pods of one service account may do in AWS."""

    namespace: Name
    """The service account's namespace."""
    name: Name
    """The service account."""
    policy_arns: tuple[str, ...] | None = None
    """Managed policies."""
    statements: tuple[dict[str, Any], ...] | None = None
    """Statements of a policy of its own, in IAM's own form."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> ServiceAccountRole:
        if (self.policy_arns is None) == (self.statements is None):
            raise ValueError("must have either policyArns or statements; write one of them")
        return self


class Iam(Written):
    """Identities of people and of pods."""

    authenticator: tuple[IdentityMapping, ...] = ()
    """aws-iam-authenticator's mappings."""
    service_accounts: tuple[ServiceAccountRole, ...] = ()
    """IAM roles for service accounts."""
    issuer_bucket: str | None = None
    """The S3 URL below which AWS finds the cluster's OpenID documents, in a folder of its full name
    (kops: discoveryStore); required with service accounts."""
    permissions_boundary: str | None = None
    """The ARN of a policy that bounds every role of the cluster."""
