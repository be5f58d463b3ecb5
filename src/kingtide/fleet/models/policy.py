"""`kind: Policy`: a rule over every object that is put on a cluster."""

from __future__ import annotations

from typing import Literal

from kingtide.fleet.documents.written import Written
from kingtide.fleet.models.metadata import Metadata


class Match(Written):
    """Which objects a policy looks at."""

    kinds: tuple[str, ...]
    """Their kinds."""


class Requirement(Written):
    """What must hold."""

    resources: Literal["requestsEqualLimits"] | None = None
    """Every container requests what it is limited to, that is, its pod is QoS Guaranteed."""


class Mutation(Written):
    """What is changed so that it holds."""

    missing_limits: Literal["copyFromRequests"] | None = None
    """Limits that are missing are those requested."""


class PolicySpec(Written):
    """A rule and what is done about it."""

    match: Match
    """Which objects."""
    require: Requirement = Requirement()
    """What must hold."""
    mutate: Mutation = Mutation()
    """What is changed."""


class Policy(Written):
    """A policy of the fleet."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Policy"]
    metadata: Metadata
    spec: PolicySpec
