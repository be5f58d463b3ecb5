"""What stands in every configuration, whatever users ask for: bounds, and timeouts that fit."""

from __future__ import annotations

import pytest

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.rendering.configuration import configuration
from kingtide.controllers.ingress.rendering.frontends import SENT_ONCE
from kingtide.controllers.ingress.rendering.layout import Layout

ALB_IDLE_SECONDS = 60
"""Its default: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"""


def lines(desired: Desired | None = None) -> list[str]:
    text = configuration(desired or Desired(), Layout("/f"))
    return [it.strip() for it in text.splitlines()]


def asked(*words: str) -> Desired:
    return Desired(process=(Directive(0, words),))


@pytest.mark.parametrize("name", ["timeout client", "timeout http-keep-alive"])
def test_a_load_balancer_closes_idle_connections_before_haproxy_does(name: str) -> None:
    (found,) = (it for it in lines() if it.startswith(f"{name} "))
    assert int(found.rpartition(" ")[2].removesuffix("s")) > ALB_IDLE_SECONDS


def test_old_processes_and_files_have_a_bound() -> None:
    assert any(it.startswith("mworker-max-reloads ") for it in lines())
    assert any(it.startswith("fd-hard-limit ") for it in lines())


def test_who_says_how_many_connections_are_taken_is_not_bounded_by_files() -> None:
    found = lines(asked("maxconn", "200000"))
    assert "maxconn 200000" in found
    assert not any(it.startswith("fd-hard-limit ") for it in found)


def test_no_rule_lets_a_request_pass_by_what_has_it_sent_once() -> None:
    found = [it for it in lines() if it.startswith("http-request ")]
    assert found[0] == SENT_ONCE
