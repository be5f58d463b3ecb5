"""What an autoscaler holds of its application, as verdicts: also why it does nothing."""

from __future__ import annotations

from kingtide.control.report import Detail, Phrases, Report, Verdict
from kingtide.controlplane.hpa.model import HpaOutcome, HpaSpec

CONTROLLER = "horizontal_pod_autoscaling"
"""Kube-controller-manager's part that answers HorizontalPodAutoscalers."""

PHRASES = Phrases(
    {
        "Rescaled": "{name} goes from {before} to {after} {after:replica|replicas} ({use}){limit}",
        "HeldBack": (
            "{name} stays at {before} {before:replica|replicas} ({use}): the metrics ask for "
            "{wanted}, but stabilisation holds to what was recommended before"
        ),
        "AtMaximum": (
            "{name} stays at its maximum of {most} {most:replica|replicas} ({use}); the metrics "
            "ask for {wanted}"
        ),
        "AtMinimum": "{name} stays at its minimum of {least} {least:replica|replicas} ({use})",
        "PolicyLimited": (
            "{name} stays at {before} {before:replica|replicas} ({use}): its behaviour allows no "
            "more change now"
        ),
        "Satisfied": (
            "{name} stays at {before} {before:replica|replicas} ({use}): the metrics ask for as "
            "many"
        ),
        "NoMetrics": "{name} is left at {before} {before:replica|replicas}: {problem}",
    }
)

_LIMITS = {
    "TooManyReplicas": ", its maximum; the metrics ask for {wanted}",
    "TooFewReplicas": ", its minimum",
    "ScaleUpLimit": ", as far as one step may go; the metrics ask for {wanted}",
    "ScaleDownLimit": ", as far as one step may go; the metrics ask for {wanted}",
}


def report_of(key: str, before: int, spec: HpaSpec, outcome: HpaOutcome) -> Report:
    """Return what one pass saw and holds; `before` is the replicas it found."""
    wanted = outcome.recommended_replicas
    saw: dict[str, Detail] = {"replicas": before}
    if outcome.utilization_percent is not None:
        saw["utilization_percent"] = outcome.utilization_percent
    if wanted is not None:
        saw["recommended_replicas"] = wanted
    return Report(saw, (_verdict(key, before, spec, outcome),))


def code_of(before: int, outcome: HpaOutcome) -> str:
    """Return the code of what one pass holds, without the report."""
    wanted = outcome.recommended_replicas
    if outcome.rescaled:
        return "Rescaled"
    if wanted is None:
        return "NoMetrics"
    return "Satisfied" if wanted == before else _code_of_staying(_reasons(outcome))


def _verdict(key: str, before: int, spec: HpaSpec, outcome: HpaOutcome) -> Verdict:
    subject, code = f"deployment/{key}", code_of(before, outcome)
    wanted = outcome.recommended_replicas
    details: dict[str, Detail] = {"before": before, "use": _use(outcome)}
    if wanted is not None:
        details["wanted"] = wanted
    if outcome.rescaled:
        limit = _LIMITS.get(_reasons(outcome).get("ScalingLimited", ""), "")
        details["after"] = outcome.desired_replicas
        details["limit"] = limit.format(wanted=wanted) if wanted is not None else ""
        return Verdict(subject, "chose", code, details)
    if wanted is None:
        problem = outcome.error or "no metric was asked"
        return Verdict(subject, "refused", code, {"before": before, "problem": problem})
    bounds: dict[str, Detail] = {"most": spec.max_replicas, "least": spec.min_replicas}
    return Verdict(subject, "refused", code, {**details, **bounds})


def _reasons(outcome: HpaOutcome) -> dict[str, str]:
    """Return the reasons of the conditions that hold, by type."""
    return {c.type: c.reason for c in outcome.conditions if c.status == "True"}


def _code_of_staying(reasons: dict[str, str]) -> str:
    limited = reasons.get("ScalingLimited", "")
    if limited == "TooManyReplicas":
        return "AtMaximum"
    if reasons.get("AbleToScale", "") in ("ScaleDownStabilized", "ScaleUpStabilized"):
        return "HeldBack"
    if limited == "TooFewReplicas":
        return "AtMinimum"
    return "PolicyLimited"


def _use(outcome: HpaOutcome) -> str:
    percent = outcome.utilization_percent
    return "no utilization known" if percent is None else f"{percent} % of requests used"
