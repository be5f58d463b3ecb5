"""What the sizing of CoreDNS says of its passes: every code with its sentence."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.report import Detail, Phrases, Stance, Verdict

PHRASES = Phrases(
    {
        "Scaled": "{name} goes from {present} to {replicas} {replicas:replica|replicas}: {why}",
        "Kept": "{name} keeps {replicas} {replicas:replica|replicas}: {why}",
        "DeploymentMissing": "{name} is not there: nothing to scale",
        "NoNodes": "{name} is left alone: no node counts, which is no size of a cluster",
        "OtherAutoscaler": "{name} is left to {other}, which runs and would undo what is written",
    }
)


def verdict(
    deployment: str, stance: Stance, code: str, details: Mapping[str, Detail] | None = None
) -> Verdict:
    """Return a verdict on CoreDNS' Deployment."""
    return Verdict(f"deployment/{deployment}", stance, code, {} if details is None else details)


def gist(said: Verdict) -> tuple[str, ...]:
    """Return what makes a verdict a new one: not every core that comes or goes."""
    keys = ("replicas", "present", "other")
    return (said.code, *(f"{key}={said.details[key]}" for key in keys if key in said.details))
