"""What an HPA's mark says of the floor before."""

from __future__ import annotations

import pytest

from kingtide.controllers.prescaling.marker import ORIGINAL, Marker, read_marker


def test_a_mark_beside_a_floor_that_is_not_written_takes_the_apis_one_as_the_baseline() -> None:
    assert read_marker({ORIGINAL: "3"}, None) == Marker(3, 1, 1)


def test_a_mark_beside_a_floor_takes_that_as_the_baseline() -> None:
    assert read_marker({ORIGINAL: ""}, 7) == Marker(None, 7, 7)


@pytest.mark.parametrize(
    ("text", "original"),
    [("0", 0), ("999999999", 999_999_999), ("1000000000", None), ("-1", None), ("many", None)],
)
def test_an_original_is_a_number_that_the_api_could_have_had(
    text: str, original: int | None
) -> None:
    assert read_marker({ORIGINAL: text}, 7) == Marker(original, 7, 7)
