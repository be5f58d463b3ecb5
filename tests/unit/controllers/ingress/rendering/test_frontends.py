"""What the frontend's rules cost: requests that are found pass by what looks for the others."""

from __future__ import annotations

from kingtide.controllers.ingress.desired import Backend, Desired, Split
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.rendering.frontends import frontends
from kingtide.controllers.ingress.rendering.layout import Layout

PASSES_BY = "  http-request allow if { var(txn.kingtide_backend) -m found }"
BACKENDS = {"web": Backend("web", "d/web")}


def rules(desired: Desired) -> list[str]:
    return [it for it in frontends(desired, Layout("/f"))[0] if it.startswith("  http-request ")]


def test_a_request_that_the_first_look_finds_passes_by_the_others() -> None:
    found = rules(Desired(backends=BACKENDS))
    looks = [it for it, rule in enumerate(found) if "set-var(" in rule]
    assert looks[0] < found.index(PASSES_BY) < looks[1]
    assert len(looks) == 7


def test_no_request_passes_by_a_rule_of_the_frontend() -> None:
    tagged = Directive(0, ("http-request", "set-header", "x-edge", "1"))
    found = rules(Desired(backends=BACKENDS, frontend=(tagged,)))
    assert PASSES_BY not in found
    assert found[-1] == "  http-request set-header x-edge 1"


def test_no_request_passes_by_the_division_of_its_route() -> None:
    split = Split("split", "web", "canary", weight=100)
    assert PASSES_BY not in rules(Desired(backends=BACKENDS, splits=(split,)))


def test_a_rule_for_answers_lets_requests_pass_by() -> None:
    tagged = Directive(0, ("http-response", "set-header", "x-edge", "1"))
    assert PASSES_BY in rules(Desired(backends=BACKENDS, frontend=(tagged,)))
