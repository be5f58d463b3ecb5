"""Previews a plan: every workload's stretches, and what they save."""

from __future__ import annotations

import msgspec

from kingtide.controllers.downscaling.dialect import dialect_of
from kingtide.controllers.downscaling.holidays import read_holiday
from kingtide.controllers.downscaling.judge import downtime_pods
from kingtide.controllers.downscaling.marker import BadMarker, marker_of
from kingtide.controllers.downscaling.selection import Selection
from kingtide.controllers.downscaling.size import Unsized, size_of
from kingtide.controllers.downscaling.smaller import target_of
from kingtide.controllers.downscaling.spec_book import SpecBook
from kingtide.controllers.downscaling.week import stretches
from kingtide.controllers.downscaling.wish import Asking, BadWord
from kingtide.controllers.downscaling.words import words_of
from kingtide.rehearsal.timetable.previewed import Plan, Preview, Previewed, Row
from kingtide.rehearsal.timetable.savings import ASSUMPTIONS, PodPrices

OWN_PODS = ("Deployment", "StatefulSet", "Rollout", "Stack")
"""Kinds whose size is a number of pods of their own."""

NOT_SELECTED = "not looked at, by the policy's kinds, namespaces, names or labels"

_HOUR_MS = 3_600_000


def preview(plan: Plan, prices: PodPrices) -> Preview:
    """Return a plan's preview; workloads that nobody looks at are there with a note."""
    policy = plan.policy
    holidays = tuple(read_holiday(it, policy.default_timezone) for it in policy.holidays)
    asking = Asking(plan.from_ms, policy, SpecBook(dialect_of(policy)), holidays)
    selection = Selection(policy)
    rows = tuple(_row(one, plan, asking, selection, prices) for one in plan.workloads)
    return Preview(plan.name, plan.timezone, plan.from_ms, plan.until_ms, rows, ASSUMPTIONS)


def _row(
    one: Previewed, plan: Plan, asking: Asking, selection: Selection, prices: PodPrices
) -> Row:
    it = one.it
    if not selection.takes(it):
        return Row(it.kind, it.namespace, it.name, note=NOT_SELECTED)
    namespace = plan.namespaces.get(it.namespace)
    try:
        found = stretches(it, namespace, asking, plan.until_ms)
        pods_up, pods_down = _pods(one, plan)
    except (BadWord, BadMarker, Unsized) as error:
        return Row(it.kind, it.namespace, it.name, note=str(error))
    row = Row(it.kind, it.namespace, it.name, found, pods_up, pods_down)
    if pods_up is None or pods_down is None:
        return row
    return _with_savings(row, pods_up - pods_down, one, prices)


def _pods(one: Previewed, plan: Plan) -> tuple[int | None, int | None]:
    """Return how many pods of its own a workload has while it is up, and while it is down."""
    it, policy = one.it, plan.policy
    if it.kind not in OWN_PODS:
        return None, None
    words = words_of(it, plan.namespaces.get(it.namespace), policy)
    is_compatible = policy.compatibility == "py-kube-downscaler"
    marker = marker_of(it)
    size = size_of(it, is_compatible=is_compatible) if marker is None else marker
    if size.pods is None:
        return None, None
    down = target_of(it.kind, downtime_pods(words), policy)
    return size.pods, min(down, size.pods)


def _with_savings(row: Row, pods: int, one: Previewed, prices: PodPrices) -> Row:
    saved_ms = pods * row.down_ms
    price = prices.micro_usd_per_hour(one.requests, one.serves)
    return msgspec.structs.replace(
        row,
        saved_pod_ms=saved_ms,
        saved_micro_usd=None if price is None else price * saved_ms // _HOUR_MS,
    )
