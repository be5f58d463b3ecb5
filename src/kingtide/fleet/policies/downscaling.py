"""The settings of downscaling.

Each names kube-downscaler's option of the same purpose. Source:
https://codeberg.org/hjacobs/kube-downscaler (README, 20.10.0) and, where the option is only its
fork's, https://github.com/caas-team/py-kube-downscaler (README).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from kingtide.kube.scalables import ScalableKind


class DownscalingPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which workloads are made smaller, and when."""

    compatibility: Literal["none", "py-kube-downscaler"] = "none"
    """`py-kube-downscaler` does what that tool does, to the letter, its known mistakes included.

    For a migration in which nothing may change at once; the guide lists every difference.
    """

    kinds: tuple[ScalableKind, ...] = ("Deployment",)
    """Kinds that are looked at. Flag: --include-resources, with the same default."""

    namespaces: tuple[str, ...] = ()
    """Only these namespaces; none means all. Flag: --namespace."""

    excluded_namespaces: tuple[str, ...] = ("kube-system",)
    """Namespaces left alone, as regular expressions of whole names.

    Flag: --exclude-namespaces, with the same default.
    """

    excluded_names: tuple[str, ...] = ("kube-downscaler", "downscaler")
    """Names left alone, of every kind and in every namespace.

    Flag: --exclude-deployments, with the same default.
    """

    matching_labels: tuple[str, ...] = ()
    """Only workloads with a label that one of these regular expressions matches as `key=value`.

    None means all. Flag: --matching-labels of the fork.
    """

    excluded_labels: tuple[str, ...] = ()
    """Workloads with a label that one of these matches as `key=value` are left alone."""

    uptime: str = "always"
    """When workloads are up that say nothing themselves. Flag: --default-uptime."""

    downtime: str = "never"
    """When they are down all the same. Flag: --default-downtime."""

    upscale_period: str = "never"
    """When they are brought up, and otherwise left as they are. Flag: --upscale-period.

    As soon as one of both periods is set, up- and downtime count for nothing.
    """

    downscale_period: str = "never"
    """When they are brought down, and otherwise left as they are. Flag: --downscale-period."""

    default_timezone: str = ""
    """The zone of times that name none. Environment: DEFAULT_TIMEZONE of the fork."""

    default_week_frame: str = ""
    """The days of times that name none, as `Mon-Fri`.

    Environment: DEFAULT_WEEKFRAME of the fork.
    """

    downtime_replicas: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Replicas that stay while down. Flag: --downtime-replicas, with the same default."""

    grace_period_seconds: Annotated[int, msgspec.Meta(ge=0)] = 900
    """A workload younger than this is not brought down, so that what is deployed can be tried.

    Flag: --grace-period, with the same default.
    """

    deployment_time_annotation: str = ""
    """An annotation with the time of the last release, which counts as the birth where it is later.

    Empty for none. Flag: --deployment-time-annotation.
    """

    upscale_target_only: bool = False
    """Whether a workload that is excluded while down stays down, instead of coming up once more.

    Flag: --upscale-target-only of the fork.
    """

    manual_replicas: Literal["keep", "overrule"] = "keep"
    """What becomes of a workload that somebody scales up during its downtime.

    `keep`: it stays so until its next uptime. `overrule`: it goes down again at once, as with
    kube-downscaler; use it where releases write replicas at night.
    """

    hpa_scale_to_zero: bool = False
    """Whether an HPA's minReplicas may be 0, which the API refuses unless HPAScaleToZero is on."""

    holidays: tuple[str, ...] = ()
    """Days, or first and last day, with their zone: `2026-12-24/2026-12-26 Europe/Paris`.

    Without a zone it is `defaultTimezone`, or UTC. They count for workloads with a timetable. At
    most 400 entries.
    """

    holiday_uptime: str = "never"
    """When workloads with a timetable are up on holidays, instead of their own uptime."""

    max_writes_per_pass: Annotated[int, msgspec.Meta(ge=1)] = 100
    """Objects written in one pass; the others follow a second later.

    A thousand workloads come up within ten seconds, and the API server sees no more of us than
    kube-controller-manager's own rate of writes.
    """

    look_again_seconds: Annotated[int, msgspec.Meta(ge=1)] = 300
    """The longest time between two passes.

    Everything that matters wakes the controller by itself; this bounds what it could have missed.
    """
