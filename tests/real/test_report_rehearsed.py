"""The report that `kingtide rehearse` writes, in a real browser: wide and phone, light and dark."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.real.browser import opened
from tests.real.report_page import WIDER_THAN_SCREEN, check_contrast, check_scheme, drag, window
from tests.small_rehearsal import write_small

VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
TWENTY_MINUTES_MS = 20 * 60_000


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small evening, written by the installed command."""
    folder = tmp_path_factory.mktemp("rehearsed")
    write_small(folder)
    command = [str(Path(sys.executable).with_name("kingtide")), "rehearse", ".", "--out", "out"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "out" / "report.html"


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def view(
    request: pytest.FixtureRequest, page: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Chrome, str]]:
    width, scheme = request.param
    with opened(page, width, scheme, tmp_path_factory.mktemp("profile")) as chrome:
        WebDriverWait(chrome, 20).until(lambda c: c.find_elements(By.CSS_SELECTOR, "html.ready"))
        yield chrome, scheme


def test_nothing_is_wider_than_the_screen(view: tuple[Chrome, str]) -> None:
    chrome, _ = view
    assert chrome.execute_script(WIDER_THAN_SCREEN) == []
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert chrome.execute_script(wide) == 0


def test_the_page_has_the_colours_the_reader_asked_for(view: tuple[Chrome, str]) -> None:
    check_scheme(*view)


def test_every_text_and_every_line_can_be_read(view: tuple[Chrome, str]) -> None:
    check_contrast(view[0])


def test_a_drag_zooms_and_reset_shows_the_whole_run(view: tuple[Chrome, str]) -> None:
    chrome, _ = view
    whole = window(chrome)
    span = whole[1] - whole[0]
    assert span == pytest.approx(TWENTY_MINUTES_MS, rel=0.02)
    drag(chrome, "cpu", 0.25, 0.5)
    first, last = window(chrome)
    assert first == pytest.approx(whole[0] + 0.25 * span, abs=0.02 * span)
    assert last == pytest.approx(whole[0] + 0.5 * span, abs=0.02 * span)
    chrome.find_element(By.ID, "reset").click()
    assert window(chrome) == whole


def test_the_console_stayed_silent_and_nothing_was_fetched(view: tuple[Chrome, str]) -> None:
    chrome, _ = view
    assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no type here
    assert chrome.execute_script("return performance.getEntriesByType('resource').length") == 0
