"""A cluster's `admission:` with what follows from its groups, classes and policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from kingtide.fleet.models.cluster import ClusterSpec
from kingtide.fleet.models.group_defaults import GroupDns
from kingtide.fleet.models.node_group import Group
from kingtide.fleet.models.policy import Policy
from kingtide.fleet.policies.admission import AdmissionPolicy, GroupAdmission
from kingtide.fleet.policies.written import policy_from
from kingtide.fleet.priority_classes import DEFAULT_PRIORITY_CLASS


def admission_policy(spec: ClusterSpec, policies: Iterable[Policy] = ()) -> AdmissionPolicy:
    """Return the settings of admission on a cluster; where it says none, all are the defaults.

    `policies` are the fleet's.
    """
    written: Any = spec.admission
    found = policy_from(AdmissionPolicy, written, {})
    default = found.priority_class.default_class
    if not default and DEFAULT_PRIORITY_CLASS in spec.priority_classes:
        default = DEFAULT_PRIORITY_CLASS
    if _says_nothing_of_limits(written) and any(map(_copies_requests, policies)):
        kept = msgspec.structs.replace(found.daemon_sets, missing_limits="copyFromRequests")
        found = msgspec.structs.replace(found, daemon_sets=kept)
    return msgspec.structs.replace(
        found,
        groups=tuple(_group(spec, name, it, default) for name, it in spec.node_groups.items()),
        ungrouped=_group(spec, "", Group(), default),
    )


def _group(spec: ClusterSpec, name: str, group: Group, default_class: str) -> GroupAdmission:
    dns = group.dns or GroupDns()
    return GroupAdmission(
        name=name,
        is_dedicated=group.dedicated,
        priority_class=group.priority_class or default_class,
        ndots=spec.dns.ndots if dns.ndots is None else dns.ndots,
        dns_policy=dns.policy,
    )


def _says_nothing_of_limits(written: Any) -> bool:
    daemon_sets = getattr(written, "daemon_sets", None)
    return getattr(daemon_sets, "missing_limits", None) is None


def _copies_requests(policy: Policy) -> bool:
    spec = policy.spec
    return "DaemonSet" in spec.match.kinds and spec.mutate.missing_limits == "copyFromRequests"
