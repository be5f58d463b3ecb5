"""When loops look next, and whom of those that are due first."""

from __future__ import annotations

import pytest

from kingtide.control.action import Action, EvictPod
from kingtide.control.agenda import Agenda, Loop
from kingtide.control.chance import Chance
from kingtide.control.controller import Controller, Topic
from kingtide.control.decision import Decision
from kingtide.control.inbox import Message
from kingtide.control.index import ClusterIndex
from kingtide.control.loop import ControlLoop, Sight
from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases
from kingtide.control.snapshot import Snapshot
from tests.unit.controllers.node_autoscaling.situation import HandMadeCloud

NOW_MS = 1_000_000
MESSAGE = Message("m", "{}", NOW_MS, 1)


def loop(*watches: Topic, name: str = "") -> Loop:
    """A loop whose memory counts its passes, and that asks for an eviction in each."""

    def decide(
        snapshot: Snapshot, policy: str, memory: int, now_ms: int, chance: Chance
    ) -> Decision[int]:
        seen = f"{policy} {len(snapshot.outcomes)} {len(snapshot.inbox)}"
        action = EvictPod(namespace="shop", name=seen, uid="u", reason="")
        return Decision(memory + 1, (action,), wake_at_ms=now_ms + 10_000)

    controller: Controller[str, int] = Controller(
        name="counts",
        actions=(EvictPod,),
        watches=watches,
        phrases=Phrases({}),
        first_memory=int,
        decide=decide,
    )
    sight = Sight(ClusterIndex(), HandMadeCloud(), "test", inbox=lambda: (MESSAGE,))
    return ControlLoop(controller, "saw", sight, 1, name)


def saw(made: Loop, now_ms: int = NOW_MS) -> str:
    """What a pass was shown: its policy, how many outcomes and how many messages."""
    (action,) = made.look(now_ms).actions
    assert isinstance(action, EvictPod)
    return action.name


def state(made: Loop) -> tuple[object, ...]:
    return made.passes, made.memory, made.last_ms, made.due_ms


# ------------------------------------------------------------ one loop


def test_a_loop_is_called_as_its_controller_or_as_it_is_told() -> None:
    assert [loop().name, loop(name="counts-2").name] == ["counts", "counts-2"]
    assert loop().declared == (EvictPod,)


def test_a_loop_looks_with_the_memory_of_the_pass_before_until_it_forgets() -> None:
    made = loop()
    assert state(made) == (0, 0, None, None)
    made.due_ms = NOW_MS
    saw(made)
    assert state(made) == (1, 1, NOW_MS, None)
    saw(made, NOW_MS + 5)
    made.due_ms = NOW_MS + 7
    assert state(made) == (2, 2, NOW_MS + 5, NOW_MS + 7)
    made.forget()
    assert state(made) == (2, 0, None, None)


def test_the_next_pass_alone_knows_what_became_of_the_one_before() -> None:
    made = loop()
    action: Action = EvictPod(namespace="shop", name="web", uid="u", reason="")
    made.tell((Outcome(action, "done", NOW_MS),))
    assert [saw(made), saw(made)] == ["saw 1 0", "saw 0 0"]


def test_only_a_controller_that_watches_the_inbox_is_shown_messages() -> None:
    assert saw(loop("inbox")) == "saw 0 1"
    assert saw(loop("nodes")) == "saw 0 0"


# ------------------------------------------------------------ several


@pytest.mark.parametrize(
    ("due_ms", "is_asked"),
    [
        pytest.param(None, True, id="it was to look at no time"),
        pytest.param(NOW_MS + 1, True, id="later"),
        pytest.param(NOW_MS, False, id="at that very time"),
        pytest.param(NOW_MS - 1, False, id="earlier"),
    ],
)
def test_a_loop_is_asked_to_look_unless_it_looks_as_soon_anyway(
    due_ms: int | None, is_asked: bool
) -> None:
    made = loop()
    agenda = Agenda([made])
    made.due_ms = due_ms
    assert agenda.ask(made, NOW_MS) == is_asked
    assert made.due_ms == (NOW_MS if is_asked else due_ms)


def test_of_loops_that_are_due_together_who_asked_first_goes_first() -> None:
    a, b, c = loop(name="a"), loop(name="b"), loop(name="c")
    agenda = Agenda([a, b, c])
    assert (agenda.next_ms, agenda.due(NOW_MS)) == (None, [])
    agenda.ask(b, NOW_MS)
    agenda.ask(a, NOW_MS - 5)
    agenda.ask(c, NOW_MS + 1)
    assert agenda.next_ms == NOW_MS - 5
    assert [it.name for it in agenda.due(NOW_MS)] == ["b", "a"]
    assert [it.name for it in agenda.due(NOW_MS + 1)] == ["b", "a", "c"]
    assert agenda.due(NOW_MS - 6) == []
    # Who is asked again, for an earlier time, asks anew.
    agenda.ask(b, NOW_MS - 9)
    assert [it.name for it in agenda.due(NOW_MS)] == ["a", "b"]


@pytest.mark.parametrize(
    ("last_ms", "at_ms"),
    [
        pytest.param(None, NOW_MS, id="it has never looked"),
        pytest.param(NOW_MS - 400, NOW_MS + 600, id="passes keep a second's distance"),
        pytest.param(NOW_MS - 1_000, NOW_MS, id="just a second ago"),
        pytest.param(NOW_MS - 5_000, NOW_MS, id="long ago"),
    ],
)
def test_a_change_has_who_watches_it_look_soon(last_ms: int | None, at_ms: int) -> None:
    made, other = loop("nodes"), loop("inbox")
    agenda = Agenda([made, other])
    made.last_ms = last_ms
    assert agenda.wake(("claims",), NOW_MS) == ()
    assert agenda.wake(("claims", "nodes"), NOW_MS) == (at_ms,)
    assert (made.due_ms, other.due_ms) == (at_ms, None)
    assert agenda.wake(("nodes",), NOW_MS) == ()  # it looks then anyway
