"""The settings of admission: what objects get that say nothing, and what is refused.

Each rule has a mode and says what becomes of objects while nobody can be asked.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from kingtide.fleet.policies.bounds import PositiveSeconds

RuleMode = Literal["enforce", "audit", "off"]
"""`enforce` changes and refuses, `audit` only tells what it would, `off` does not look."""
Failure = Literal["open", "closed"]
"""What becomes of an object while the webhook cannot be asked, or does not know enough: let in, or
refused. It is the `failurePolicy` of the webhook's entry (Ignore, Fail)."""
DnsPolicy = Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]


class DnsAdmission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Options of name resolution that pods get."""

    mode: RuleMode = "enforce"
    """enforce, audit or off."""

    failure: Failure = "open"
    """A pod without the options works, only slower: not worth a pod that does not start."""

    options: tuple[str, ...] = ("use-vc", "single-request", "single-request-reopen", "ndots:1")
    """Options as resolv.conf writes them; a pod's own of the same name stands.

    Over TCP, one query after the other: no race of two packets for one conntrack entry. `ndots:1`:
    names of the outside are not tried with every search domain first. The cluster's `dns.ndots` and
    a group's take the place of its value.
    """


class GuaranteedAdmission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """DaemonSets have to be QoS Guaranteed: requests equal limits, both for CPU and memory."""

    mode: RuleMode = "enforce"
    """enforce, audit or off."""

    failure: Failure = "closed"
    """Few DaemonSets are written, by people who can wait; a wrong one is on every node."""

    missing_limits: Literal["refuse", "copyFromRequests"] = "refuse"
    """What is done about a container that has requests but no limits; a fleet's Policy with
    `missingLimits: copyFromRequests` is another way to say it."""


class PriorityAdmission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The PriorityClass of pods that name none."""

    mode: RuleMode = "enforce"
    """enforce, audit or off."""

    failure: Failure = "open"
    """A pod without a class has the cluster's default; it is better there than not."""

    default_class: str = ""
    """The class of pods whose group says none. When empty, `default` where the cluster has it."""

    daemon_set_class: str = ""
    """The class of DaemonSets' pods, for example system-node-critical; when empty, as others'."""


class DedicatedAdmission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Node selectors and tolerations of application groups, by the namespace's group."""

    mode: RuleMode = "enforce"
    """enforce, audit or off."""

    failure: Failure = "open"
    """Without them a dedicated group's pod lands on shared nodes: worse, but it serves."""


class AlertsAdmission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Labels of PrometheusRules, by which alerts find who is to read them."""

    mode: RuleMode = "enforce"
    """enforce, audit or off."""

    failure: Failure = "open"
    """A rule without a route is mended later; a deployment that is stopped costs more."""

    labels: tuple[str, ...] = ("severity",)
    """Labels that every alert needs: those that Alertmanager's routes match. Add `team` where
    routes go by team."""

    severities: tuple[str, ...] = ()
    """Values that `severity` may have, as critical, warning, notice; empty takes any."""

    selector: tuple[str, ...] = ()
    """Labels that the PrometheusRule itself needs, as `prometheus=main`: what the Prometheus
    object's ruleSelector matches. One without them is never loaded."""


class GroupAdmission(msgspec.Struct, frozen=True):
    """What pods of an application group get: follows from the group, nobody writes it.

    `ndots` None leaves the options' own; an empty `priority_class` is none.
    """

    name: str
    is_dedicated: bool = False
    priority_class: str = ""
    ndots: int | None = None
    dns_policy: DnsPolicy = "ClusterFirst"


class AdmissionPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked of objects that are put on a cluster."""

    dns: DnsAdmission = DnsAdmission()
    """Name resolution of pods."""

    daemon_sets: GuaranteedAdmission = GuaranteedAdmission()
    """Requests and limits of DaemonSets."""

    priority_class: PriorityAdmission = PriorityAdmission()
    """PriorityClasses of pods."""

    dedicated_nodes: DedicatedAdmission = DedicatedAdmission()
    """Nodes of application groups."""

    alerts: AlertsAdmission = AlertsAdmission()
    """Labels of PrometheusRules."""

    exempt_namespaces: tuple[str, ...] = (
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "kingtide-system",
        "overprovisioning",
    )
    """Namespaces whose objects nobody looks at: Kubernetes' own and ours.

    The webhook runs in kingtide-system: it must not be asked whether it may start.
    """

    templates: bool = False
    """Whether pod templates of workloads are changed as well, not only the pods made of them.

    Off: what an object of a repository says in the cluster is what it says there.
    """

    timeout_seconds: Annotated[int, msgspec.Meta(ge=1, le=30)] = 5
    """How long the API server waits for an answer, at most 30. Half of Kubernetes' default of 10 s:
    an answer takes milliseconds, and at a peak every pod waits for it."""

    max_staleness_seconds: PositiveSeconds = 180
    """Namespaces and PriorityClasses of which nothing was heard for so long count as unknown.

    Servers send bookmarks about once a minute; three that are missing are a broken connection.
    """

    groups: tuple[GroupAdmission, ...] = ()
    """The cluster's application groups."""

    ungrouped: GroupAdmission = GroupAdmission(name="")
    """What pods of namespaces without a group get."""


DERIVED = ("groups", "ungrouped")
"""Fields that follow from other parts of a cluster's file."""
