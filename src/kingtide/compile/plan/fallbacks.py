"""Which application groups have spot instances and nothing to fall back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kingtide.compile.plan.drained import Workload
from kingtide.compile.plan.instance_group import InstanceGroup


class WithoutFallback(msgspec.Struct, frozen=True):
    """An application group that runs on spot alone, and the workloads that have only its nodes.

    `lost` says that it had a fallback before.
    """

    serves: str
    spot_groups: tuple[str, ...]
    workloads: tuple[str, ...]
    lost: bool


def without_fallback(
    before: Mapping[str, InstanceGroup],
    after: Mapping[str, InstanceGroup],
    found: Iterable[Workload],
) -> tuple[WithoutFallback, ...]:
    """Return the application groups of `after` without an on-demand group, sorted by name."""
    had = _serving(before.values())
    workloads = tuple(found)
    missing = []
    for serves, groups in sorted(_serving(after.values()).items()):
        spot = tuple(sorted(it.name for it in groups if it.is_spot))
        if not spot or _falls_back(groups):
            continue
        elsewhere = [it for it in after.values() if it.role == "node" and it not in groups]
        only_here = tuple(
            it.shown
            for it in workloads
            if any(it.may_run_on(group) for group in groups)
            and not any(it.may_run_on(group) and not group.is_spot for group in elsewhere)
        )
        missing.append(WithoutFallback(serves, spot, only_here, _falls_back(had.get(serves, []))))
    return tuple(missing)


def _serving(groups: Iterable[InstanceGroup]) -> dict[str, list[InstanceGroup]]:
    found: dict[str, list[InstanceGroup]] = {}
    for group in groups:
        if group.role == "node" and group.serves:
            found.setdefault(group.serves, []).append(group)
    return found


def _falls_back(groups: Iterable[InstanceGroup]) -> bool:
    """Return whether a group of on-demand instances may grow."""
    return any(not group.is_spot and group.max_size > 0 for group in groups)
