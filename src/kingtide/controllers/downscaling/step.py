"""What is done about one workload now, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.action import Action
from kingtide.control.report import Detail, Stance
from kingtide.controllers.downscaling.size import Size
from kingtide.controllers.downscaling.wish import Wish
from kingtide.controllers.downscaling.words import Words
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable


class Case(msgspec.Struct, frozen=True):
    """One workload at an instant: what it is, what it is to be, and how far down it may go.

    `marker` None is a workload that no downscaler has made smaller. `downtime_pods` is as written;
    what a kind cannot be brought to is the rules' to say.
    """

    it: Scalable
    words: Words
    wish: Wish
    size: Size
    marker: Size | None
    downtime_pods: int
    policy: DownscalingPolicy
    at_ms: int
    autoscaler: Scalable | None = None
    """The HPA that scales it, None without one."""


class Step(msgspec.Struct, frozen=True):
    """A verdict's stance, code and details, with the write that goes with it (None: none).

    `again_ms` is when something will have changed by itself, None where nothing will.
    """

    stance: Stance
    code: str
    details: Mapping[str, Detail] = {}
    action: Action | None = None
    again_ms: int | None = None
