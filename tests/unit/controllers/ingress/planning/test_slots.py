from __future__ import annotations

from kingtide.controllers.ingress.desired import Backend, Server
from kingtide.controllers.ingress.planning.slots import in_slots

A, B, C = (Server(name, f"10.0.0.{number}", 80) for number, name in enumerate("abc", start=1))


def placed(*servers: Server, places: dict[str, tuple[str, int]] | None = None) -> dict[str, str]:
    found = in_slots(Backend("web", "d/web", servers), places or {}, 2)
    return {it.name: "free" if it.is_free else it.address for it in found.servers}


def test_there_are_as_many_places_as_a_multiple_holds() -> None:
    assert placed() == {"slot_1": "free", "slot_2": "free"}
    assert list(placed(A, B, C)) == ["slot_1", "slot_2", "slot_3", "slot_4"]


def test_who_has_a_place_keeps_it() -> None:
    before = {"slot_1": ("10.0.0.2", 80), "slot_2": ("10.0.0.9", 80)}
    assert placed(A, B, places=before) == {"slot_1": "10.0.0.2", "slot_2": "10.0.0.1"}


def test_no_place_is_taken_away() -> None:
    before = {f"slot_{number}": ("127.0.0.1", 1) for number in range(1, 5)}
    assert len(placed(A, places=before)) == 4
