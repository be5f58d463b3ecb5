"""The two readings of what users wrote: kube-downscaler's, and one without its surprises."""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.downscaling import DownscalingPolicy


class Dialect(msgspec.Struct, frozen=True):
    """How a time specification is read.

    `is_compatible` reads it as py-kube-downscaler does, to the letter. `zone` completes a part that
    names none, `days` (`Mon-Fri`) one that begins with its hours; empty completes nothing.
    """

    is_compatible: bool = False
    zone: str = ""
    days: str = ""


def dialect_of(policy: DownscalingPolicy) -> Dialect:
    """Return how a policy has time specifications read."""
    return Dialect(
        is_compatible=policy.compatibility == "py-kube-downscaler",
        zone=policy.default_timezone,
        days=policy.default_week_frame,
    )
