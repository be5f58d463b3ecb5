"""Durations as kubectl shows them: the cases of HumanDuration's own documentation and edges."""

from __future__ import annotations

import pytest

from kingtide.twin.apiserver.tables.ages import human_duration

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (-2_001, "<invalid>"),
        (-1_000, "0s"),
        (0, "0s"),
        (119 * SECOND, "119s"),
        (120 * SECOND, "2m"),
        (9 * MINUTE + 59 * SECOND, "9m59s"),
        (10 * MINUTE + 59 * SECOND, "10m"),
        (179 * MINUTE, "179m"),
        (3 * HOUR, "3h"),
        (7 * HOUR + 59 * MINUTE, "7h59m"),
        (8 * HOUR + 59 * MINUTE, "8h"),
        (47 * HOUR, "47h"),
        (2 * DAY, "2d"),
        (7 * DAY + 23 * HOUR, "7d23h"),
        (8 * DAY + 23 * HOUR, "8d"),
        (729 * DAY, "729d"),
        (730 * DAY, "2y"),
        (7 * 365 * DAY + 364 * DAY, "7y364d"),
        (8 * 365 * DAY + 364 * DAY, "8y"),
    ],
)
def test_a_duration_has_about_two_digits_that_matter(milliseconds: int, text: str) -> None:
    assert human_duration(milliseconds) == text
