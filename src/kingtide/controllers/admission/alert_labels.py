"""Alerts carry the labels by which they are routed, and are where Prometheus loads them from.

Labels of a rule's group count for each of its rules. Recording rules need none. Source:
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Rule (v0.86).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kingtide.controllers.admission.lenient import below, fields, is_odd, numbered, text
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.controllers.admission.subject import Subject
from kingtide.controllers.admission.verdict import Path, Refused, Said
from kingtide.fleet.policies.admission import AdmissionPolicy, AlertsAdmission
from kingtide.kube.patching.json_pointer import Json

PROMETHEUS_RULE = ("monitoring.coreos.com", "PrometheusRule")
SEVERITY = "severity"


def alert_labels(
    subject: Subject, _snapshot: AdmissionSnapshot, policy: AdmissionPolicy
) -> Iterator[Said]:
    """Yield alerts that nobody would be told of, and objects that nobody would load."""
    if (subject.group, subject.kind) != PROMETHEUS_RULE:
        return
    own = fields(below(subject.body, "metadata", "labels"))
    for wanted in policy.alerts.selector:
        name, _, value = wanted.partition("=")
        if own.get(name) != value:
            wrong = f"is not {value}, which Prometheus selects rules by"
            path: Path = ("metadata", "labels", name)
            yield Refused("NotSelected", path, wrong, f"write {name}: {value}")
    groups = below(subject.body, "spec", "groups")
    for at, group in numbered(groups, ("spec", "groups")):
        for each, rule in numbered(group.get("rules"), (*at, "rules")):
            if text(rule.get("alert")) and not is_odd(rule.get("labels"), dict):
                labels = {**fields(group.get("labels")), **fields(rule.get("labels"))}
                yield from _routed(text(rule.get("alert")), labels, each, policy.alerts)


def _routed(
    alert: str, labels: Mapping[str, Json], path: Path, settings: AlertsAdmission
) -> Iterator[Said]:
    for name in settings.labels:
        if not text(labels.get(name)):
            wrong = f"is missing: alert {_short(alert)} finds nobody by it"
            yield Refused("NoLabel", (*path, "labels", name), wrong, f"write {name}: and its value")
    found = text(labels.get(SEVERITY))
    # A template is filled in when the alert fires; what it says then nobody knows yet.
    if found and settings.severities and found not in settings.severities and "{{" not in found:
        wrong = f"is {_short(found)}, which has no route"
        among = f"write one of {', '.join(settings.severities)}"
        yield Refused("OtherSeverity", (*path, "labels", SEVERITY), wrong, among)


def _short(said: str) -> str:
    return repr(said if len(said) <= 80 else said[:79] + "…")
