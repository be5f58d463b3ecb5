"""Situations that lead to each verdict on groups and on pods that wait."""

from __future__ import annotations

from kingtide.twin.cloud.wording import SPOT_CAPACITY_FAILURE
from tests.unit.controllers.node_autoscaling.situation import Situation

TIERS = '20: ["^spot"]\n10: ["^on-demand"]\n'


def _asked(**settings: object) -> Situation:
    situation = Situation(**settings)
    situation.group("spot")
    situation.group("on-demand", on_demand=True)
    situation.priorities(TIERS)
    situation.pods(3)
    situation.run()
    situation.set_desired("spot", 1)
    situation.now_ms += 5_000
    return situation


def _failed(message: str = SPOT_CAPACITY_FAILURE) -> Situation:
    situation = _asked()
    situation.fail_launch("spot", message)
    situation.run(seconds=5)
    return situation


def scaled_up() -> Situation:
    situation = Situation()
    situation.group("spot-a")
    situation.group("spot-b")
    situation.priorities(TIERS)
    situation.pods(3)
    return situation


def group_unhealthy() -> Situation:
    situation = Situation()
    situation.group("spot")
    situation.group("other", nodes=12)
    for number in range(4):
        situation.node(f"b{number}", "spot", ready=False)
    situation.now_ms += 1_000_000
    situation.pods(90)
    return situation


def overdue() -> Situation:
    situation = _asked()
    situation.launch("spot", "i-1")
    situation.run()
    situation.now_ms += 901_000
    return situation


def timed_out() -> Situation:
    situation = _asked(capacity_failure_detection="timeout")
    situation.now_ms += 901_000
    return situation


def no_instance_seen() -> Situation:
    situation = _asked(launch_patience_seconds=25)
    situation.now_ms += 25_000
    return situation


def no_capacity() -> Situation:
    situation = _asked()
    situation.fail_launch("spot", SPOT_CAPACITY_FAILURE)
    return situation


def launch_failed() -> Situation:
    situation = _asked()
    situation.fail_launch("spot", "Max spot instance count exceeded.")
    return situation


def pools_without_capacity() -> Situation:
    situation = no_capacity()
    situation.group("spot-too")
    return situation


def probed_elsewhere() -> Situation:
    situation = _failed()
    situation.set_desired("spot", 0)
    situation.set_desired("on-demand", 1)
    situation.group("spot-too")
    situation.priorities('30: ["^spot$"]\n' + TIERS)
    situation.run(seconds=300)
    situation.pods(6)
    situation.run()
    situation.set_desired("spot", 1)
    situation.pods(6)
    return situation


def can_help() -> Situation:
    situation = _failed()
    situation.set_desired("spot", 0)
    situation.set_desired("on-demand", 1)
    situation.pods(3)
    situation.priorities('20: ["^on-demand"]\n10: ["^spot"]\n')
    situation.now_ms += 200_000
    return situation


def full() -> Situation:
    situation = Situation(max_nodes_total=1)
    situation.group("spot", nodes=1, max_size=1)
    situation.group("other")
    situation.group("strange", instance_types=("x9.mega",))
    situation.pods(9)
    return situation


def too_large() -> Situation:
    situation = Situation()
    situation.group("spot")
    situation.pods(1, cpu=90_000)
    return situation


def for_next_pass() -> Situation:
    situation = Situation(max_choices_per_pass=1)
    situation.group("spot", max_size=1)
    situation.pods(9)
    return situation


def upcoming() -> Situation:
    situation = scaled_up()
    situation.run()
    return situation


def fits() -> Situation:
    situation = Situation()
    situation.group("spot", nodes=1)
    situation.pods(1)
    return situation


def waits_no_more() -> Situation:
    situation = fits()
    situation.run()
    situation.remove_pod("pod-1")
    return situation


def bad_priorities() -> Situation:
    situation = fits()
    situation.priorities('20: ["(?!spot)"]\n')
    return situation


def bad_discovery() -> Situation:
    situation = Situation(discovery=("asg:tag=",))
    situation.group("spot")
    return situation
