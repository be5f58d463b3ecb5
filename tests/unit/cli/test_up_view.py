"""What `kingtide up` shows on a terminal."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from kingtide.cli.up_view import fitted, frame

COUNTS = {
    "spot nodes": "104",
    "on-demand nodes": "10",
    "nodes not ready": "0",
    "pods": "1,437",
    "pending": "120",
    "USD per hour": "46.31",
    "watches": "3",
}
SENTENCE = (
    "21:04:47 node_autoscaling: refused: i-07d4aa154752b3f92 is not removed: 93 % of its processor"
    " is asked for, and only below 50 % a node is given back"
)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 15), (200, 50)])
def test_a_frame_fits_the_terminal_and_its_newest_decision_is_told_whole(
    width: int, height: int
) -> None:
    written = StringIO()
    console = Console(file=written, width=width, height=height)
    console.print(
        frame("21:04:47", COUNTS, [SENTENCE.replace("7", "1")] * 19 + [SENTENCE], width, height)
    )

    lines = written.getvalue().splitlines()
    assert len(lines) < height
    assert max(len(it.rstrip()) for it in lines) <= width
    assert " ".join(" ".join(lines).split()).endswith(SENTENCE)


@pytest.mark.parametrize(
    ("height", "expected"),
    [
        pytest.param(5, ["one", "a sentence of more", "  words", "two"], id="all"),
        pytest.param(3, ["a sentence of more", "  words", "two"], id="whole ones alone"),
        pytest.param(2, ["two"], id="not a part of one"),
    ],
)
def test_the_last_sentences_that_fit_are_shown(height: int, expected: list[str]) -> None:
    assert fitted(["one", "a sentence of more words", "two"], 20, height) == expected


def test_of_the_last_sentence_the_beginning_is_shown_where_no_more_fits() -> None:
    assert fitted(["a sentence of more words"], 20, 1) == ["a sentence of more"]
