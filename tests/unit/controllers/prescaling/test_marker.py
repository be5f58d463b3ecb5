"""What an HPA's mark says of the floor before."""

from __future__ import annotations

from kingtide.controllers.prescaling.marker import ORIGINAL, Marker, read_marker


def test_a_mark_beside_a_floor_that_is_not_written_takes_the_apis_one_as_the_baseline() -> None:
    assert read_marker({ORIGINAL: "3"}, None) == Marker(3, 1, 1)


def test_a_mark_beside_a_floor_takes_that_as_the_baseline() -> None:
    assert read_marker({ORIGINAL: ""}, 7) == Marker(None, 7, 7)
