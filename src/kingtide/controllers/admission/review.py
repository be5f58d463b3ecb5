"""What may be on a cluster, and what it gets: each rule looks at the object as it came.

* Pods get options of name resolution (`dns`), the PriorityClass of their group (`priority_class`),
  and what leads them onto its nodes and nobody else's (`dedicated_nodes`).
* DaemonSets are QoS Guaranteed (`guaranteed_daemon_sets`), alerts can be routed (`alert_labels`).
* Exempt namespaces, objects on their way out and pods that a kubelet made are left alone.
* A rule that has to know what is not known says so: its `failure` decides whether that refuses.

Rules change different fields, so they can be applied in any order, and what they changed once they
leave alone from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from kingtide.controllers.admission.alert_labels import alert_labels
from kingtide.controllers.admission.dedicated_nodes import dedicated_nodes
from kingtide.controllers.admission.dns import dns
from kingtide.controllers.admission.guaranteed_daemon_sets import guaranteed_daemon_sets
from kingtide.controllers.admission.priority_class import priority_class
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.subject import Subject, subject_of
from kingtide.controllers.admission.verdict import (
    Change,
    Path,
    Refused,
    Said,
    Set,
    Told,
    Verdict,
    Warned,
    shown,
)
from kingtide.fleet.policies.admission import AdmissionPolicy, Failure, RuleMode
from kingtide.kube.patching.json_pointer import Json

Known = Literal["namespace_labels", "priority_classes"]
"""What of the snapshot a rule cannot do without."""
MAX_TOLD = 20
"""Refusals and warnings each that one object may have; a webhook's answer has to stay readable."""


class Rule(msgspec.Struct, frozen=True):
    """A rule: its name as settings have it, what it looks at, and what it has to know.

    `refuses` is False of one that only changes and warns.
    """

    name: str
    setting: str
    look: Callable[[Subject, AdmissionSnapshot, AdmissionPolicy], Iterator[Said]]
    needs: tuple[Known, ...] = ()
    is_about_pods: bool = False
    refuses: bool = False

    def mode(self, policy: AdmissionPolicy) -> RuleMode:
        """Return whether it enforces, tells, or does not look."""
        found: RuleMode = getattr(policy, self.setting).mode
        return found

    def failure(self, policy: AdmissionPolicy) -> Failure:
        """Return what becomes of objects while it cannot be asked."""
        found: Failure = getattr(policy, self.setting).failure
        return found


_GROUPS: tuple[Known, ...] = ("namespace_labels",)
_CLASSES: tuple[Known, ...] = ("namespace_labels", "priority_classes")
RULES: tuple[Rule, ...] = (
    Rule("dns", "dns", dns, _GROUPS, is_about_pods=True),
    Rule("daemonSets", "daemon_sets", guaranteed_daemon_sets, refuses=True),
    Rule("priorityClass", "priority_class", priority_class, _CLASSES, is_about_pods=True),
    Rule(
        "dedicatedNodes",
        "dedicated_nodes",
        dedicated_nodes,
        _GROUPS,
        is_about_pods=True,
        refuses=True,
    ),
    Rule("alerts", "alerts", alert_labels, refuses=True),
)


def review(
    body: Json,
    snapshot: AdmissionSnapshot,
    policy: AdmissionPolicy,
    *,
    namespace: str = "",
    only: Failure | None = None,
) -> Verdict:
    """Return the verdict on an object as JSON has it; whatever it is, nothing is raised.

    `namespace` is the request's. `only` looks with the rules of one failure policy: a webhook's
    entry has one.
    """
    subject = subject_of(body, namespace)
    if subject is None or subject.is_out_of_reach:
        return Verdict()
    if subject.namespace in policy.exempt_namespaces:
        return Verdict()
    changes: list[Change] = []
    refusals: list[Told] = []
    warnings: list[Told] = []
    for rule in RULES:
        mode = rule.mode(policy)
        if mode == "off" or (only is not None and rule.failure(policy) != only):
            continue
        for said in _said(rule, subject, snapshot, policy):
            if not isinstance(said, Set):
                told = Told(rule.name, said.code, said.path, said.wrong, said.instead)
                is_refusal = isinstance(said, Refused) and mode == "enforce"
                (refusals if is_refusal else warnings).append(told)
            elif mode == "enforce":
                changes.append(Change(rule.name, said.path, said.value))
            else:
                warnings.append(_would_be(rule, said))
    return Verdict(tuple(changes), _bounded(refusals), _bounded(warnings))


def review_update(
    body: Json,
    before: Json,
    snapshot: AdmissionSnapshot,
    policy: AdmissionPolicy,
    *,
    namespace: str = "",
    only: Failure | None = None,
) -> Verdict:
    """Return the verdict on an update: one that leaves the spec as it was is never refused.

    Controllers write labels, annotations and finalizers of objects that were there before a rule
    was; refusing them would break what works.
    """
    found = review(body, snapshot, policy, namespace=namespace, only=only)
    if not isinstance(body, dict) or not isinstance(before, dict):
        return found
    if found.allowed or body.get("spec") != before.get("spec"):
        return found
    return Verdict(found.changes, (), _bounded([*found.refusals, *found.warnings]))


def _said(
    rule: Rule, subject: Subject, snapshot: AdmissionSnapshot, policy: AdmissionPolicy
) -> Iterator[Said]:
    if rule.is_about_pods and subject.pod_path is None:
        return
    unknown = [it for it in rule.needs if getattr(snapshot, it) is None]
    if unknown:
        what = " and ".join(it.replace("_", " ") for it in unknown)
        wrong = f"cannot be judged: the cluster's {what} are not known now"
        code = "NotKnown"
        if rule.failure(policy) == "closed":
            yield Refused(code, (), wrong, "try again shortly")
        else:
            yield Warned(code, (), wrong, "it is let in as it is")
        return
    is_left_to_pods = rule.is_about_pods and not subject.is_pod and not policy.templates
    for said in rule.look(subject, snapshot, policy):
        if not (is_left_to_pods and isinstance(said, Set)):
            yield said


def _would_be(rule: Rule, said: Set) -> Told:
    path: Path = said.path
    wrong = "would be taken away" if said.value is msgspec.UNSET else "would be changed"
    return Told(rule.name, "WouldChange", path, wrong, f"set {shown(path)}, or enforce the rule")


def _bounded(told: list[Told]) -> tuple[Told, ...]:
    if len(told) <= MAX_TOLD:
        return tuple(told)
    left = len(told) - MAX_TOLD
    last = Told("review", "More", (), f"has {left} more findings", "mend these first")
    return (*told[:MAX_TOLD], last)
