from __future__ import annotations

import pytest

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.planning.running import Running, RunningServer
from kingtide.controllers.ingress.planning.slots import in_slots
from kingtide.controllers.ingress.planning.step import (
    AddServer,
    DeleteServer,
    DropEntries,
    EnableServer,
    MoveServer,
    PutEntries,
    Reload,
    RetireServer,
    SetWeight,
    Step,
)
from kingtide.controllers.ingress.planning.steps import steps
from kingtide.controllers.ingress.routing.table import Route

A = Server("a", "10.0.0.1", 80)
B = Server("b", "10.0.0.2", 80)
RUNS_A = RunningServer("10.0.0.1", 80, 100)


def desired(*servers: Server, needs_slots: bool = False) -> Desired:
    return Desired(backends={"web": Backend("web", "d/web", servers, needs_slots=needs_slots)})


def running(**servers: RunningServer) -> Running:
    return Running("as loaded", {"web": servers})


@pytest.mark.parametrize(
    ("wanted", "now", "expected"),
    [
        pytest.param((A,), {"a": RUNS_A}, [], id="nothing to do"),
        pytest.param((A, B), {"a": RUNS_A}, [AddServer("web", B)], id="one more"),
        pytest.param(
            (B,),
            {"a": RUNS_A},
            [AddServer("web", B), RetireServer("web", "a"), DeleteServer("web", "a")],
            id="another one: the new one comes before the old one goes",
        ),
        pytest.param(
            (),
            {"a": RunningServer("10.0.0.1", 80, 100, is_in_maintenance=True)},
            [DeleteServer("web", "a")],
            id="what is retired already is taken away as soon as it can be",
        ),
        pytest.param(
            (A,),
            {"a": RunningServer("10.0.0.1", 80, 100, is_drained=True)},
            [EnableServer("web", "a")],
            id="drained by somebody else",
        ),
        pytest.param(
            (Server("a", "10.0.0.1", 80, is_draining=True),),
            {"a": RUNS_A},
            [SetWeight("web", "a", 0)],
            id="draining",
        ),
        pytest.param(
            (A,),
            {"a": RunningServer("10.0.0.1", 80, 0, is_in_maintenance=True)},
            [SetWeight("web", "a", 100), EnableServer("web", "a")],
            id="one that comes back",
        ),
        pytest.param(
            (Server("external", "api.example.com", 443, is_named=True),),
            {"external": RunningServer("-", 443, 100)},
            [],
            id="what HAProxy resolves itself is left alone",
        ),
    ],
)
def test_steps_of_servers(
    wanted: tuple[Server, ...], now: dict[str, RunningServer], expected: list[Step]
) -> None:
    assert list(steps(desired(*wanted), running(**now), "as loaded")) == expected


def test_a_slot_gets_another_address_and_is_never_added() -> None:
    wanted = in_slots(Backend("web", "d/web", (B,), needs_slots=True), {}, 2)
    now = running(slot_1=RunningServer("127.0.0.1", 1, 100, is_in_maintenance=True))
    found = steps(Desired(backends={"web": wanted}), now, "as loaded")
    assert list(found) == [
        MoveServer("web", "slot_1", "10.0.0.2", 80),
        EnableServer("web", "slot_1"),
    ]


def test_a_free_slot_is_retired_and_stays() -> None:
    wanted = in_slots(Backend("web", "d/web", (), needs_slots=True), {}, 1)
    now = running(slot_1=RunningServer("10.0.0.2", 80, 100))
    found = steps(Desired(backends={"web": wanted}), now, "as loaded")
    assert list(found) == [RetireServer("web", "slot_1")]


def test_a_changed_structure_is_reloaded_after_servers_are_as_wanted() -> None:
    found = steps(desired(A, B), running(a=RUNS_A), "another")
    assert [type(it) for it in found] == [AddServer, Reload]


def test_entries_are_put_before_the_hosts_that_lead_to_them_and_dropped_after() -> None:
    new = Desired((Route("new.example.com", "/", "Prefix", "web"),))
    now = Running("as loaded", {}, {"hosts": {"old": "old"}, "paths": {"old/": "web"}})
    assert list(steps(new, now, "as loaded")) == [
        PutEntries("paths", {"new.example.com/": "web"}),
        PutEntries("hosts", {"new.example.com": "new.example.com"}),
        DropEntries("hosts", ("old",)),
        DropEntries("paths", ("old/",)),
    ]


def test_an_entry_with_another_value_is_changed() -> None:
    new = Desired((Route("h", "/", "Prefix", "other"),))
    now = Running("as loaded", {}, {"hosts": {"h": "h"}, "paths": {"h/": "web"}})
    assert list(steps(new, now, "as loaded")) == [PutEntries("paths", {}, {"h/": "other"})]
