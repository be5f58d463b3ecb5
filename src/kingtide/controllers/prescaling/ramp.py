"""How the floor rises before an event and falls after it: a pure function of the time.

Up, in steps from the replicas that there are: so that node autoscaling and image pulls get their
work in portions. The last step comes early enough for a node to boot and a pod to start before the
event begins. Down, in steps to the floor that there was: from the end on the autoscaler's own
demand counts, and its stabilisation window does the rest.
"""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.prescaling import PrescalingPolicy


class Ramp(msgspec.Struct, frozen=True, gc=False):
    """One event for one autoscaler: from `base` replicas to `target`, and back to `original`.

    Times are Unix milliseconds.
    """

    begin_ms: int
    end_ms: int
    base: int
    target: int
    original: int

    @property
    def rise(self) -> int:
        """How many replicas more there have to be."""
        return max(0, self.target - self.base)


def is_active(ramp: Ramp, policy: PrescalingPolicy, now_ms: int) -> bool:
    """Return whether the event has a say in the floor: from its first step to its last."""
    return first_step_ms(ramp, policy) <= now_ms < last_step_ms(ramp, policy)


def floor_at(ramp: Ramp, policy: PrescalingPolicy, now_ms: int) -> int:
    """Return the floor of replicas that an event asks for while it is active."""
    if now_ms < ramp.end_ms:
        steps = steps_up(ramp.rise, policy)
        left = -(-(_full_ms(ramp, policy) - now_ms) // (policy.step_seconds * 1000))
        done = min(steps, max(0, steps - max(0, left)))
        return ramp.base + -(-ramp.rise * done // steps)
    fall = ramp.target - ramp.original
    done = min(policy.hand_back_steps, 1 + (now_ms - ramp.end_ms) // _portion_ms(policy))
    return ramp.target - fall * done // policy.hand_back_steps


def steps_up(rise: int, policy: PrescalingPolicy) -> int:
    """Return in how many steps a floor rises: few for a small rise, as many as fit in at most."""
    at_most = 1 + (policy.ramp_max_seconds - policy.lead_seconds) // policy.step_seconds
    wanted = -(-rise // policy.replicas_per_step)
    return max(1, min(wanted, at_most))


def first_step_ms(ramp: Ramp, policy: PrescalingPolicy) -> int:
    """Return when the floor begins to rise."""
    return _full_ms(ramp, policy) - (steps_up(ramp.rise, policy) - 1) * policy.step_seconds * 1000


def last_step_ms(ramp: Ramp, policy: PrescalingPolicy) -> int:
    """Return when the floor is as it was before."""
    return ramp.end_ms + (policy.hand_back_steps - 1) * _portion_ms(policy)


def next_step_ms(ramp: Ramp, policy: PrescalingPolicy, now_ms: int) -> int | None:
    """Return when the floor changes next, None when it does not any more."""
    first_ms, full_ms = first_step_ms(ramp, policy), _full_ms(ramp, policy)
    if now_ms < first_ms:
        return first_ms
    if now_ms < full_ms:
        step_ms = policy.step_seconds * 1000
        return first_ms + ((now_ms - first_ms) // step_ms + 1) * step_ms
    if now_ms < ramp.end_ms:
        return ramp.end_ms
    if now_ms >= last_step_ms(ramp, policy):
        return None
    portion_ms = _portion_ms(policy)
    return ramp.end_ms + ((now_ms - ramp.end_ms) // portion_ms + 1) * portion_ms


def _full_ms(ramp: Ramp, policy: PrescalingPolicy) -> int:
    return ramp.begin_ms - policy.lead_seconds * 1000


def _portion_ms(policy: PrescalingPolicy) -> int:
    return max(1, policy.hand_back_seconds * 1000 // policy.hand_back_steps)
