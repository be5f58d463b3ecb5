"""Until when a workload is too young to be made smaller."""

from __future__ import annotations

import re

from kingtide.controllers.downscaling import names
from kingtide.controllers.downscaling.timestamps import BadTimestamp, read_timestamp
from kingtide.controllers.downscaling.words import Words
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.scalables import Scalable

_SECONDS = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)


class NoBirth(ValueError):
    """An object whose creation time cannot be read, so that nobody knows how old it is."""


def in_grace_until(it: Scalable, words: Words, policy: DownscalingPolicy) -> int:
    """Return the last instant, in Unix milliseconds, at which a workload is left alone as young.

    Its age counts from its creation, or its last release where the policy names the annotation.
    A workload's own grace period counts if it is shorter than the policy's.

    Raises:
        NoBirth: nobody knows when it was created.
    """
    if it.created_ms is None:
        raise NoBirth("its creation time cannot be read")
    born_ms = it.created_ms
    released = it.annotations.get(policy.deployment_time_annotation)
    if policy.deployment_time_annotation and released is not None:
        try:
            born_ms = max(born_ms, read_timestamp(released))
        except BadTimestamp as error:
            words.ignored.append(f"{policy.deployment_time_annotation}: {error}")
    return born_ms + 1000 * _grace_seconds(words, policy)


def _grace_seconds(words: Words, policy: DownscalingPolicy) -> int:
    text = words.own.get(names.GRACE_PERIOD)
    if text is None:
        return policy.grace_period_seconds
    if _SECONDS.fullmatch(text.strip()) is None:
        words.ignored.append(f"{names.GRACE_PERIOD}: {text!r} is no number; write seconds")
        return policy.grace_period_seconds
    own = int(text)
    return own if 0 < own <= policy.grace_period_seconds else policy.grace_period_seconds
