"""Which controllers there are, by the key under which users set them.

A controller is one line here: its loop, its settings in a scenario and its sentences in a report
all follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from kingtide.control.controller import Controller
from kingtide.controllers.dns_autoscaling.decide import CONTROLLER as DNS_AUTOSCALING
from kingtide.controllers.downscaling.decide import CONTROLLER as DOWNSCALING
from kingtide.controllers.node_autoscaling.decide import CONTROLLER as NODE_AUTOSCALING
from kingtide.controllers.ondemand_reclaim.decide import CONTROLLER as ONDEMAND_RECLAIM
from kingtide.controllers.overprovisioning.decide import CONTROLLER as OVERPROVISIONING
from kingtide.controllers.prescaling.decide import CONTROLLER as PRESCALING
from kingtide.controllers.spot_interruption.decide import CONTROLLER as SPOT_INTERRUPTION
from kingtide.fleet.policies.dns_autoscaling import DnsAutoscalingPolicy
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

P = TypeVar("P", bound=msgspec.Struct)
M = TypeVar("M")


class ControllerRun(msgspec.Struct, frozen=True):
    """A controller that runs: its key in CONTROLLERS and its settings."""

    key: str
    policy: msgspec.Struct


class Registered(msgspec.Struct, Generic[P, M], frozen=True):
    """A controller with the struct of its settings.

    `runs_unasked` says whether a scenario that says nothing has it; `is_numbered` whether it runs
    once for each of several policies, which then number its loops; `derived` names settings that
    the scenario's reader works out, so that nobody writes them.
    """

    controller: Controller[P, M]
    policy: type[P]
    about: str
    runs_unasked: bool = False
    is_numbered: bool = False
    derived: tuple[str, ...] = ()


CONTROLLERS: Mapping[str, Registered[Any, Any]] = {
    "nodeAutoscaling": Registered(
        NODE_AUTOSCALING, NodeAutoscalingPolicy, "Node autoscaling.", runs_unasked=True
    ),
    "overprovisioning": Registered(
        OVERPROVISIONING,
        OverprovisioningPolicy,
        "Overprovisioning: which pause pods there are stands in the cluster, how they are kept"
        " stands here.",
        runs_unasked=True,
        is_numbered=True,
        derived=("deployment", "config_map", "node_labels"),
    ),
    "ondemandReclaim": Registered(
        ONDEMAND_RECLAIM,
        OndemandReclaimPolicy,
        "Reclaim of on-demand nodes: back to spot, and ill nodes out of the fleet.",
    ),
    "prescaling": Registered(
        PRESCALING,
        PrescalingPolicy,
        "Prescaling: the floor of replicas before known events.",
    ),
    "spotInterruption": Registered(
        SPOT_INTERRUPTION,
        SpotInterruptionPolicy,
        "What is done when the cloud takes spot nodes back.",
    ),
    "dnsAutoscaling": Registered(
        DNS_AUTOSCALING,
        DnsAutoscalingPolicy,
        "Sizing of CoreDNS: replicas in proportion to cores and nodes.",
    ),
    "downscaling": Registered(
        DOWNSCALING, DownscalingPolicy, "Downscaling: workloads go down by their timetables."
    ),
}


def loop_name(runs: Sequence[ControllerRun], place: int) -> str:
    """Return the name of a run's loop, by which its chance is drawn and its loop told apart."""
    registered = CONTROLLERS[runs[place].key]
    name = registered.controller.name
    if not registered.is_numbered:
        return name
    number = sum(run.key == runs[place].key for run in runs[:place])
    return f"{name}/{number}"
