"""What of Ingresses has no effect, as Events."""

from __future__ import annotations

from kingtide.controllers.ingress.told import Code, IngressReport, Problem
from kingtide.kube.ingresses import Ingress
from kingtide.live.kubernetes.events.series import Counted
from kingtide.live.kubernetes.events.told_event import MAX_MESSAGE_BYTES, ToldEvent
from kingtide.operate.ingress.problems import Telling

INGRESSES = {"shop/web": Ingress("shop", "web")}


def problem(place: str, message: str = "wrong", code: Code = "AnnotationInvalid") -> Problem:
    return Problem(code, place, message)


def test_an_event_has_all_that_is_wrong_for_one_reason_since_only_the_last_words_are_kept() -> None:
    told: list[ToldEvent] = []
    problems = (problem("allow-list"), problem("timeout-server"), problem("x", code="PortMissing"))
    Telling(told.append).take((IngressReport("shop/web", 1, problems),), INGRESSES, 1)
    counted = Counted()
    for it in told:
        counted.tell(it, 0)
    assert [it.told.message for it in counted.due(0)] == [
        "allow-list: wrong; timeout-server: wrong",
        "x: wrong",
    ]


def test_the_words_follow_what_else_goes_wrong_and_what_of_it_is_mended() -> None:
    told: list[ToldEvent] = []
    telling = Telling(told.append)
    first = (problem("allow-list"), problem("x", code="PortMissing"))
    telling.take((IngressReport("shop/web", 1, first),), INGRESSES, 1)
    told.clear()
    telling.take((IngressReport("shop/web", 1, (*first, problem("timeout-server"))),), INGRESSES, 1)
    telling.take((IngressReport("shop/web", 1, first),), INGRESSES, 1)
    telling.take((IngressReport("shop/web", 1),), INGRESSES, 1)
    assert [it.message for it in told] == [
        "allow-list: wrong; timeout-server: wrong",
        "allow-list: wrong",
    ]


def test_problems_that_do_not_fit_into_an_event_are_counted() -> None:
    told: list[ToldEvent] = []
    problems = tuple(problem(f"{number:02}", "é" * 100) for number in range(40))
    Telling(told.append).take((IngressReport("shop/web", 1, problems),), INGRESSES, 1)
    [event] = told
    assert len(event.message.encode()) <= MAX_MESSAGE_BYTES
    assert event.message.startswith("00: é")
    assert event.message.endswith("; and 36 more")


def test_a_problem_that_is_longer_than_an_event_is_cut() -> None:
    told: list[ToldEvent] = []
    Telling(told.append).take(
        (IngressReport("shop/web", 1, (problem("a", "é" * 2000),)),), INGRESSES, 1
    )
    assert len(told[0].message.encode()) in (MAX_MESSAGE_BYTES - 1, MAX_MESSAGE_BYTES)
