from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.rehearsal.record import RunRecord, Series
from kingtide.report.html import PAGE_BYTES_MAX, PageTooBig, render
from tests.unit.report.evening import evening
from tests.unit.report.hostile import hostile_evening

VOID = ("meta", "link", "br", "img", "input")


class Elements(HTMLParser):
    """Every element with its attributes, and whether each was closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def header_of(page: str) -> dict[str, Any]:
    """The JSON header of a page's data block."""
    match = re.search(r'<script id="data"[^>]*>([^<]*)</script>', page)
    assert match
    whole = zlib.decompress(base64.b64decode(match[1]))
    (length,) = struct.unpack("<I", whole[:4])
    header: dict[str, Any] = json.loads(whole[4 : 4 + length])
    return header


def test_four_hours_of_sixty_applications_stay_below_a_megabyte_with_every_step() -> None:
    record = evening(60, 4.0)
    page = render(record)
    assert len(page.encode()) < PAGE_BYTES_MAX
    counts = {count for _, _, count in header_of(page)["columns"]}
    assert counts == {len(record.times_ms)}


def test_a_longer_run_is_thinned_and_says_so() -> None:
    page = render(evening(60, 9.0))
    assert len(page.encode()) < PAGE_BYTES_MAX
    assert re.search(
        r"Of applications, every \d+ s are shown as their lowest and their highest", page
    )


def test_names_that_fill_a_page_are_refused_not_cut_silently() -> None:
    figures = {f"f.{i}": f for i, f in enumerate(evening().figures.values())}
    versions = {f"{'x' * 400}{i}": "1" for i in range(3000)}
    record = msgspec.structs.replace(evening(), figures=figures, versions=versions, notes=())
    page = render(record)
    assert len(page.encode()) < PAGE_BYTES_MAX
    expectation = evening().expectations[0]
    long = tuple(
        msgspec.structs.replace(expectation, expression=f"{'<' * 499}{i}") for i in range(200)
    )
    notes = tuple("&" * 499 for _ in range(100))
    figure = msgspec.structs.replace(next(iter(record.figures.values())), title='"' * 499)
    many = {f"f.{i}": figure for i in range(700)}
    with pytest.raises(PageTooBig, match="prime-time"):
        render(msgspec.structs.replace(record, figures=many, expectations=long, notes=notes))


def test_the_same_record_gives_the_same_page_whatever_the_hash_seed() -> None:
    code = (
        "import hashlib;from tests.unit.report.evening import evening;"
        "from kingtide.report.html import render;"
        "print(hashlib.sha256(render(evening(5, 0.5)).encode()).hexdigest())"
    )
    root = Path(__file__).parents[3]
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}",
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(hashes) == 1


def test_how_fast_it_was_computed_changes_nothing() -> None:
    record = evening()
    assert render(msgspec.structs.replace(record, engine={"wall_seconds": 3.2})) == render(record)


def test_the_page_names_no_other_place() -> None:
    for tag, attributes in Elements(render(evening())).found:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            assert attributes.get(name) in (None, "data:,"), (tag, attributes)


def test_the_policy_allows_the_pages_own_script_and_style_only() -> None:
    page = render(evening())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none'")
    assert "unsafe" not in policy[1]
    assert "http" not in policy[1]
    for element in ("script", "style"):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy[1]


def test_uplots_licence_stands_in_the_page() -> None:
    page = render(evening())
    assert "Copyright (c) 2022 Leon Sorokin" in page
    assert "Permission is hereby granted, free of charge" in page


def test_hostile_names_make_no_element_and_no_attribute() -> None:
    page = render(hostile_evening())
    elements = Elements(page)
    tags = [tag for tag, _ in elements.found]
    assert tags.count("script") == 2
    assert "img" not in tags
    assert not any(name.startswith("on") for _, found in elements.found for name in found)
    assert "</script><script>window" not in page
    assert not re.search("[\x00\x1b\u202e]", page)
    page.encode()


@pytest.mark.parametrize("record", [evening(), evening(failed=True), hostile_evening()])
def test_every_element_is_closed(record: RunRecord) -> None:
    assert Elements(render(record)).open == []


def test_an_unmet_expectation_is_open_first_and_in_words() -> None:
    page = render(evening(failed=True))
    assert "1 of 3 expectations not met" in page
    assert "<details open>" in page
    first = page.index("unavailable.high.max_seconds &lt;= 15")
    assert first < page.index("cost.total_usd &lt;= 60")
    assert "All 3 expectations met" in render(evening())


def test_a_partial_run_says_how_far_it_came() -> None:
    page = render(evening(reached=0.5))
    assert "<b>Partial run.</b> It was stopped at 21:15:00, 50% of the planned time" in page
    assert "Partial run" not in render(evening())


def test_a_run_stopped_before_its_first_step_still_has_a_page() -> None:
    record = evening()
    series = {key: Series(s.title, s.unit, ()) for key, s in record.series.items()}
    page = render(
        msgspec.structs.replace(
            record, times_ms=(), series=series, partial=True, reached_ms=record.start_ms
        )
    )
    assert "Not one step was computed" in page
    assert "<script>" not in page


def test_a_run_of_one_step_has_a_page() -> None:
    record = evening()
    series = {key: Series(s.title, s.unit, s.values[:1]) for key, s in record.series.items()}
    page = render(msgspec.structs.replace(record, times_ms=record.times_ms[:1], series=series))
    assert header_of(page)["end"] == record.times_ms[0]


def test_a_series_that_misses_a_step_is_refused() -> None:
    record = evening()
    short = Series("x", "cores", record.series["cores.used"].values[:-1])
    with pytest.raises(ValueError, match=r"cores\.used"):
        render(msgspec.structs.replace(record, series={**record.series, "cores.used": short}))


def test_marks_outside_the_plotted_time_are_counted_on_the_page() -> None:
    record = evening()
    early = msgspec.structs.replace(record.events[0], at_ms=record.start_ms - 1)
    page = render(msgspec.structs.replace(record, events=(early, *record.events)))
    assert "Not shown: 1 before or after the plotted time" in page


def test_every_figure_stands_in_a_table_without_scripts() -> None:
    record = evening()
    page = render(record)
    for figure in record.figures.values():
        assert f"<bdi>{figure.title}</bdi>" in page
