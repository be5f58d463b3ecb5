"""A test must not be given what another one had worked out."""

from __future__ import annotations

from kingtide.controllers.prescaling.timetable import parse_timetable
from mutations.caches import clear_caches


def test_cached_functions_of_the_rooms_begin_anew() -> None:
    parse_timetable("20:00-21:00 UTC x2")
    assert parse_timetable.cache_info().currsize > 0
    clear_caches()
    assert parse_timetable.cache_info().currsize == 0
