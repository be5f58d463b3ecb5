"""Why one node refuses one pod."""

from __future__ import annotations

import msgspec


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """The reasons of the first filter that refuses, in kube-scheduler's words.

    `is_resolvable` tells whether removing pods from the node may help, so that preemption looks at
    it (status Unschedulable, not UnschedulableAndUnresolvable).
    """

    reasons: tuple[str, ...]
    is_resolvable: bool = True
