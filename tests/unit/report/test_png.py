import struct

import msgspec
import pytest

from kingtide.rehearsal.record import Series
from kingtide.report.drawing import drawable, time_ticks
from kingtide.report.png import overview, render
from tests.unit.report.evening import START_MS, evening
from tests.unit.report.hostile import hostile_evening


def size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def chunks(png: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        found.append(png[at + 4 : at + 8])
        at += 12 + length
    return found


def test_a_run_is_one_tall_picture_of_1600_pixels() -> None:
    width, height = size(render(evening()))
    assert width == 1600
    assert height > 2000


def test_the_same_record_gives_the_same_bytes_and_no_date() -> None:
    first = render(evening(failed=True))
    assert first == render(evening(failed=True))
    assert b"tEXt" not in chunks(first)
    assert first != render(evening())


def test_a_reader_s_own_settings_change_nothing() -> None:
    import matplotlib as mpl

    usual = overview(evening())
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "axes.facecolor": "red"}):
        assert overview(evening()) == usual


def test_the_overview_is_small_enough_for_a_readme() -> None:
    png = overview(evening(60, 4.0))
    assert size(png)[0] == 1600
    assert len(png) < 300_000


@pytest.mark.filterwarnings("error")
def test_hostile_names_are_drawn_as_text() -> None:
    assert size(render(hostile_evening()))[0] == 1600


def test_a_run_stopped_before_its_first_step_still_has_a_picture() -> None:
    record = evening()
    series = {key: Series(s.title, s.unit, ()) for key, s in record.series.items()}
    empty = msgspec.structs.replace(record, times_ms=(), series=series, partial=True)
    assert size(render(empty))[0] == 1600


def test_a_glyph_the_font_lacks_is_replaced() -> None:
    assert drawable("shop/东京") == "shop/\ufffd\ufffd"


def test_ticks_stand_on_round_local_times() -> None:
    ticks, labels = time_ticks(START_MS + 61_000, START_MS + 5_400_000, "Asia/Kolkata")
    assert labels == [
        "01:10",
        "01:20",
        "01:30",
        "01:40",
        "01:50",
        "02:00",
        "02:10",
        "02:20",
        "02:30",
    ]
    assert all((ms + 5.5 * 3_600_000) % 600_000 == 0 for ms in ticks)
