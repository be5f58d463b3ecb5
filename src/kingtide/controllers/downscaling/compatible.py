"""Down and up again to the letter of py-kube-downscaler.

Source: https://github.com/caas-team/py-kube-downscaler (README and observed behaviour, a1e0349).
"""

from __future__ import annotations

from kingtide.controllers.downscaling.grace import in_grace_until
from kingtide.controllers.downscaling.marker import restored
from kingtide.controllers.downscaling.step import Case, Step
from kingtide.controllers.downscaling.writes import make_smaller, restore, take_off_marker


def bring_down(case: Case) -> Step:
    """Return what a workload's downtime makes of it: any size above downtime-replicas goes down.

    The marker becomes the size of now, whatever it said before.

    Raises:
        NoBirth: nobody knows when it was created.
    """
    if not case.size.is_above(case.downtime_pods):
        return Step("noticed", "Down")
    grace_until_ms = in_grace_until(case.it, case.words, case.policy)
    if case.at_ms <= grace_until_ms:
        return Step("waits", "InGrace", {"why": case.wish.why}, again_ms=grace_until_ms + 1)
    details = {
        "before": case.size.amount,
        "after": str(case.downtime_pods),
        "why": case.wish.why,
    }
    action = make_smaller(case.it, case.downtime_pods, case.size, f"down: {case.wish.why}")
    return Step("acted", "ScaledDown", details, action)


def bring_up(case: Case) -> Step:
    """Return what a workload's uptime makes of it: only a size of downtime-replicas comes up.

    A marker that says what is already so is taken off.
    """
    it, size, marker = case.it, case.size, case.marker
    if marker is None:
        return Step("noticed", "Up")
    if size.pods == case.downtime_pods:
        wanted = restored(it, marker)
        details = {"before": size.amount, "after": wanted.amount, "why": case.wish.why}
        action = restore(it, wanted, f"up again: {case.wish.why}")
        return Step("acted", "ScaledUp", details, action)
    if size.amount == marker.amount:
        reason = f"{case.wish.why}, and it has {size.amount} already"
        action = take_off_marker(it, reason)
        return Step("acted", "MarkerRemoved", {"replicas": size.amount}, action)
    return Step("noticed", "Stranded", {"replicas": size.amount, "marker": marker.amount})
