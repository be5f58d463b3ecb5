"""The settings of prescaling: how early, how fast and for which events the floor rises."""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.bounds import PositiveCount, PositiveSeconds, Seconds


class PrescalingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which events there are beside those that HPAs bear, and the ramp before and after them."""

    events: tuple[str, ...] = ()
    """The calendar: `2026-12-31 23:45-00:30 Europe/Paris x5 for shop/*`, written as in the
    annotation `kingtide.dev/prescale`, with `for NAMESPACE/NAME` of HPAs; without it, for all."""

    node_path_seconds: Seconds = 240
    """From a pod that waits to a node that is Ready.

    3 to 4 minutes on EC2; a rehearsal measures yours.
    """

    pod_start_seconds: Seconds = 45
    """From a bound pod to one that is Ready: image pull, start, first readiness probe."""

    margin_seconds: Seconds = 30
    """Held between the last pod and the event: the autoscaler asks every 15 s, and a watch lags."""

    replicas_per_step: PositiveCount = 100
    """So many replicas more a step, at least: some 20 nodes, which one pass of node autoscaling and
    one registry bear. A large rise takes larger steps instead of more time than there is."""

    step_seconds: PositiveSeconds = 30
    """Time between two steps: two autoscaler periods of 15 s."""

    ramp_max_seconds: PositiveSeconds = 1800
    """The floor begins to rise at most this long before an event: half an hour of more capacity
    than there is demand is the most that is worth paying."""

    hand_back_seconds: Seconds = 300
    """The floor falls over this time once an event is over.

    As long as the autoscaler's own downscale stabilisation, which then follows.
    """

    hand_back_steps: PositiveCount = 5
    """In so many steps."""

    max_writes: PositiveCount = 50
    """HPAs written in one pass; the rest follow in the next."""

    poll_seconds: PositiveSeconds = 60
    """The longest time between two looks; steps are looked at when they are due."""

    @property
    def lead_seconds(self) -> int:
        """How long before an event the last step comes."""
        return self.node_path_seconds + self.pod_start_seconds + self.margin_seconds
