"""Passes that failed at the API: the scale could not be read, or was not accepted."""

from __future__ import annotations

from kingtide.controlplane.hpa.conditions import ConditionUpdate, conditions_updated
from kingtide.controlplane.hpa.model import HpaEvent, HpaOutcome, HpaSpec, HpaState


def scale_unreadable(state: HpaState, current: int, cause: str, now_ms: int) -> HpaOutcome:
    """Return the outcome of a pass that could not read the scale subresource.

    For the API's `cause`.

    `current` is the last size known; nothing is asked for and nothing enters the history.
    """
    message = f"the HPA controller was unable to get the target's current scale: {cause}"
    unable = ConditionUpdate("AbleToScale", "False", "FailedGetScale", message)
    conditions = conditions_updated(state.conditions, (unable,), now_ms)
    after = HpaState(
        state.recommendations,
        state.scale_up_events,
        state.scale_down_events,
        conditions,
        state.desired_replicas,
        state.last_scale_ms,
    )
    event = HpaEvent("Warning", "FailedGetScale", cause)
    return HpaOutcome(current, current, False, after, events=(event,), error=cause)


def rescale_refused(
    spec: HpaSpec, before: HpaState, outcome: HpaOutcome, cause: str, now_ms: int
) -> HpaOutcome:
    """Return what is left of an outcome when the API refused to scale, for the API's `cause`.

    `before` is the state the outcome was computed from. The recommendation stays in the history,
    the scale event does not: nothing was changed, so no policy may count it.
    """
    kept = tuple(
        condition
        for condition in outcome.state.conditions
        if condition.type not in ("AbleToScale", "ScaledToZero")
    )
    kept += tuple(
        condition
        for condition in before.conditions
        if condition.type in ("AbleToScale", "ScaledToZero")
    )
    message = f"the HPA controller was unable to update the target scale: {cause}"
    unable = ConditionUpdate("AbleToScale", "False", "FailedUpdateScale", message)
    conditions = conditions_updated(kept, (unable,), now_ms)
    after = HpaState(
        outcome.state.recommendations,
        before.scale_up_events,
        before.scale_down_events,
        conditions,
        before.desired_replicas,
        before.last_scale_ms,
    )
    reason = f"New size: {outcome.desired_replicas}; reason: {outcome.rescale_reason}"
    refused = HpaEvent("Warning", "FailedRescale", f"{reason}; error: {cause}")
    succeeded = [event for event in outcome.events if event.reason != "SuccessfulRescale"]
    target = f"{spec.target_kind}/{spec.namespace}/{spec.target_name}"
    return HpaOutcome(
        outcome.current_replicas,
        outcome.current_replicas,
        False,
        after,
        outcome.metrics,
        outcome.recommended_replicas,
        outcome.stabilized_replicas,
        outcome.winning_metric,
        outcome.rescale_reason,
        (*succeeded, refused),
        f"failed to rescale {target}: {cause}",
    )
