from __future__ import annotations

import pytest

from kingtide.operate.ingress.agenda import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    LOOK_SECONDS,
    UNANSWERED_SECONDS,
    Agenda,
)


def settled(agenda: Agenda, now: float, *, was_whole: bool = True, waits: bool = False) -> Agenda:
    agenda.settled(now, was_whole=was_whole, waits=waits, believes_at=None)
    return agenda


def test_at_first_nothing_is_known_and_all_is_done_at_once() -> None:
    agenda = Agenda()
    assert agenda.is_new
    assert agenda.seconds_left(7.0) == 0
    assert agenda.may_reload(0.0)


def test_all_is_looked_at_again_after_a_while() -> None:
    agenda = settled(Agenda(), 100.0)
    assert agenda.seconds_left(101.0) == LOOK_SECONDS - 1
    assert agenda.due(100.0 + LOOK_SECONDS - 0.1) == ()
    assert agenda.due(100.0 + LOOK_SECONDS) == ("look",)


def test_what_is_asked_for_is_due_at_once_and_done_with_all() -> None:
    agenda = settled(Agenda(), 100.0)
    agenda.ask("settings")
    agenda.ask("crash")
    assert agenda.due(100.0) == ("settings", "crash")
    assert settled(agenda, 100.1).due(100.2) == ()


def test_servers_of_some_backends_put_no_look_off() -> None:
    agenda = settled(Agenda(), 100.0)
    settled(agenda, 104.0, was_whole=False)
    assert agenda.due(100.0 + LOOK_SECONDS) == ("look",)


@pytest.mark.parametrize(
    ("loaded_at", "interval", "now", "at"),
    [
        pytest.param(100.0, 5.0, 101.0, 105.0, id="no sooner than the last one allows"),
        pytest.param(100.0, 5.0, 109.0, 109.0, id="at once where that is long ago"),
        pytest.param(None, 5.0, 101.0, 101.0, id="at once where there was none"),
    ],
)
def test_a_reload_that_waits_is_due_when_it_may_come(
    loaded_at: float | None, interval: float, now: float, at: float
) -> None:
    agenda = Agenda()
    if loaded_at is not None:
        agenda.reloads_until(loaded_at + interval)
    settled(agenda, now, waits=True)
    assert agenda.awaits_reload
    assert agenda.due(at - 0.1) == ()
    assert agenda.due(at) == ("reload",)
    assert agenda.may_reload(at)
    assert not settled(agenda, at).awaits_reload


def test_what_is_doubted_is_looked_at_when_it_is_believed() -> None:
    agenda = Agenda()
    agenda.settled(100.0, was_whole=True, waits=False, believes_at=103.0)
    assert agenda.due(103.0) == ("belief",)


def test_failures_are_tried_again_later_each_time_until_one_try_does() -> None:
    agenda = Agenda()
    waits = []
    for _ in range(9):
        agenda.failed(100.0)
        waits.append(agenda.seconds_left(100.0))
    assert waits[:3] == pytest.approx([FIRST_WAIT_SECONDS * it for it in (1, 2, 4)])
    assert waits[-1] == LONGEST_WAIT_SECONDS
    settled(agenda, 100.0)
    agenda.failed(100.0)
    assert agenda.seconds_left(100.0) == pytest.approx(FIRST_WAIT_SECONDS)


def test_after_a_failure_all_is_looked_at_whatever_was_due() -> None:
    agenda = settled(Agenda(), 100.0, waits=True)
    agenda.failed(100.0)
    assert agenda.due(110.0) == ("failure",)


def test_an_haproxy_that_answers_nothing_is_given_up_after_a_while_and_not_before() -> None:
    agenda = Agenda()
    assert not agenda.unanswered(100.0, 110.0)
    assert not agenda.unanswered(110.0, 120.0)
    settled(agenda, 121.0, was_whole=False)  # one socket may answer while another does not
    assert agenda.unanswered(125.0, 100.0 + UNANSWERED_SECONDS)
    assert not agenda.unanswered(131.0, 141.0)


def test_an_answer_about_all_of_it_begins_the_wait_anew() -> None:
    agenda = Agenda()
    agenda.unanswered(100.0, 110.0)
    settled(agenda, 111.0)
    assert not agenda.unanswered(115.0, 100.0 + UNANSWERED_SECONDS)
