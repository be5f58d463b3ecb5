"""report.html in a real browser: wide and phone, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from kingtide.rehearsal.record import Series
from kingtide.report.html import render
from tests.real.browser import PHONE_PIXELS, opened, touch
from tests.real.report_page import (
    COLOURED_PIXELS,
    WIDER_THAN_SCREEN,
    area,
    check_contrast,
    check_scheme,
    drag,
    window,
)
from tests.unit.report.evening import PEAKS_SECONDS, START_MS, evening
from tests.unit.report.hostile import IMAGE, SCRIPT, hostile_evening

FULL_WINDOW = (START_MS, START_MS + 5_400_000)
VIEWS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module", params=VIEWS, ids=lambda view: f"{view[0]}-{view[1]}")
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chrome]:
    width, scheme = request.param
    folder = tmp_path_factory.mktemp("report")
    page = folder / "report.html"
    page.write_text(render(evening(failed=True)), encoding="utf-8")
    with opened(page, width, scheme, folder / "profile") as chrome:
        WebDriverWait(chrome, 20).until(lambda c: c.find_elements(By.CSS_SELECTOR, "html.ready"))
        yield chrome


@pytest.fixture
def reader(browser: Chrome) -> Chrome:
    """The page with its whole run in view, whatever the test before did."""
    reset = browser.find_element(By.ID, "reset")
    if reset.is_enabled():
        browser.execute_script("arguments[0].click()", reset)
    assert window(browser) == FULL_WINDOW
    return browser


def box(chrome: Chrome, element: WebElement) -> tuple[float, float, float, float]:
    script = (
        "const b = arguments[0].getBoundingClientRect(); return [b.left, b.top, b.width, b.height]"
    )
    left, top, width, height = chrome.execute_script(script, element)
    return left, top, width, height


def is_phone(chrome: Chrome) -> bool:
    return bool(chrome.execute_script("return innerWidth") < PHONE_PIXELS)


def test_nothing_is_wider_than_the_screen(reader: Chrome) -> None:
    assert reader.execute_script(WIDER_THAN_SCREEN) == []
    assert reader.execute_script(
        "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_the_page_has_the_colours_the_reader_asked_for(
    reader: Chrome, request: pytest.FixtureRequest
) -> None:
    check_scheme(reader, request.node.callspec.params["browser"][1])


def test_every_text_and_every_line_can_be_read(reader: Chrome) -> None:
    check_contrast(reader)


def test_every_plot_has_drawn_its_lines(reader: Chrome) -> None:
    canvases = reader.find_elements(By.CSS_SELECTOR, ".plot canvas")
    assert len(canvases) == 9
    assert all(reader.execute_script(COLOURED_PIXELS, canvas) > 150 for canvas in canvases)


def test_a_drag_zooms_every_plot_and_reset_returns(reader: Chrome) -> None:
    drag(reader, "cpu", 0.25, 0.5)
    span = FULL_WINDOW[1] - FULL_WINDOW[0]
    first, last = window(reader)
    assert first == pytest.approx(FULL_WINDOW[0] + 0.25 * span, abs=0.02 * span)
    assert last == pytest.approx(FULL_WINDOW[0] + 0.5 * span, abs=0.02 * span)
    shown = reader.find_element(By.ID, "window").text
    reset = reader.find_element(By.ID, "reset")
    reset.click()
    assert window(reader) == FULL_WINDOW
    assert reader.find_element(By.ID, "window").text == "20:30:00 – 22:00:00" != shown


def test_a_double_click_shows_the_whole_run_again(reader: Chrome) -> None:
    drag(reader, "nodes", 0.3, 0.6)
    assert window(reader) != FULL_WINDOW
    ActionChains(reader).double_click(area(reader, "nodes")).perform()
    assert window(reader) == FULL_WINDOW


def test_two_fingers_zoom_where_they_are(reader: Chrome) -> None:
    left, top, width, height = box(reader, area(reader, "pods"))
    y = top + height / 2
    touch(reader, "touchStart", (left + 0.4 * width, y), (left + 0.6 * width, y))
    for k in range(1, 6):
        spread = 0.1 + 0.06 * k
        touch(
            reader,
            "touchMove",
            (left + (0.5 - spread) * width, y),
            (left + (0.5 + spread) * width, y),
        )
    touch(reader, "touchEnd")
    first, last = window(reader)
    whole = FULL_WINDOW[1] - FULL_WINDOW[0]
    assert (last - first) == pytest.approx(whole * 0.2 / 0.8, rel=0.05)
    assert (first + last) / 2 == pytest.approx(sum(FULL_WINDOW) / 2, abs=0.02 * whole)


def test_one_finger_reads_values(reader: Chrome) -> None:
    left, top, width, height = box(reader, area(reader, "cpu"))
    y = top + height / 2
    touch(reader, "touchStart", (left + 0.3 * width, y))
    touch(reader, "touchMove", (left + 0.4 * width, y))
    touch(reader, "touchMove", (left + 0.5 * width, y))
    touch(reader, "touchEnd")
    assert reader.find_element(By.ID, "readout").text.startswith("21:1")
    values = [e.text for e in reader.find_elements(By.CSS_SELECTOR, "#panel-cpu .legend output")]
    assert len(values) == 4
    assert not any(value.startswith("max") for value in values)


def test_a_hover_shows_the_values_of_that_time_in_every_legend(reader: Chrome) -> None:
    ActionChains(reader).move_to_element(area(reader, "nodes")).perform()
    record = evening(failed=True)
    time = reader.find_element(By.ID, "readout").text
    middle = min(
        range(len(record.times_ms)), key=lambda k: abs(record.times_ms[k] - sum(FULL_WINDOW) / 2)
    )
    around = range(middle - 4, middle + 5)
    nodes = [e.text for e in reader.find_elements(By.CSS_SELECTOR, "#panel-nodes .legend output")]
    assert time.startswith(("21:14", "21:15"))
    assert nodes[0] in {f"{record.series['nodes.spot'].values[k]:.0f}" for k in around}
    cost = reader.find_element(By.CSS_SELECTOR, "#panel-cost .legend output").text
    assert cost in {f"{record.series['cost.usd_per_hour'].values[k]:.2f}" for k in around}


def test_a_mark_tells_its_sentence(reader: Chrome) -> None:
    mark = reader.find_element(By.CSS_SELECTOR, ".mark.bad")
    reader.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    if is_phone(reader):
        left, top, width, height = box(reader, mark)
        touch(reader, "touchStart", (left + width / 2, top + height / 2))
        touch(reader, "touchEnd")
    else:
        mark.click()
    told = WebDriverWait(reader, 5).until(lambda c: c.find_elements(By.CSS_SELECTOR, "#detail li"))
    assert any("InsufficientInstanceCapacity" in entry.text for entry in told)
    assert any("20:53:00" in entry.text and "Problem" in entry.text for entry in told)
    assert reader.find_element(By.CSS_SELECTOR, ".mark.bad").get_attribute("aria-pressed") == "true"


def test_keys_reach_marks_and_plots(reader: Chrome) -> None:
    first = reader.find_element(By.CSS_SELECTOR, ".lane-track button[tabindex='0']")
    first.send_keys(Keys.ARROW_RIGHT)
    focused: Any = reader.switch_to.active_element
    assert "mark" in focused.get_attribute("class")
    focused.send_keys(Keys.ENTER)
    assert reader.find_elements(By.CSS_SELECTOR, "#detail li")
    plot = reader.find_element(By.ID, "panel-unavailable")
    plot.send_keys("+")
    zoomed = window(reader)
    assert zoomed[1] - zoomed[0] == pytest.approx((FULL_WINDOW[1] - FULL_WINDOW[0]) / 2, abs=2)
    plot.send_keys(Keys.ARROW_RIGHT)
    assert reader.find_element(By.ID, "readout").text
    plot.send_keys("0")
    assert window(reader) == FULL_WINDOW


def test_tab_alone_reaches_everything_that_acts(reader: Chrome) -> None:
    reader.execute_script("document.querySelector('header summary').focus()")
    seen = set()
    for _ in range(120):
        ActionChains(reader).send_keys(Keys.TAB).perform()
        seen.add(
            reader.execute_script("const e = document.activeElement; return e.id || e.className")
        )
        if "panel-app-unserved" in seen:
            break
    assert {
        "zoom-in",
        "next-mark",
        "detail",
        "application",
        "panel-cpu",
        "panel-app-unserved",
    } <= seen


def test_another_application_brings_its_own_plots(reader: Chrome) -> None:
    choice = Select(reader.find_element(By.ID, "application"))
    before = reader.find_element(By.CSS_SELECTOR, "#panel-app-pods .legend output").text
    other = next(o.text for o in choice.options if o.text == "team-2/service-02")
    choice.select_by_visible_text(other)
    shown = reader.find_element(By.CSS_SELECTOR, "#panel-app-pods .legend output").text
    peak = max(evening(failed=True).series[f"app.{other}.available"].values)
    assert shown == f"max {peak:.0f}" != before
    labels = [e.text for e in reader.find_elements(By.CSS_SELECTOR, "#panel-app-cpu .legend bdi")]
    assert "HPA trigger" not in labels
    choice.select_by_visible_text("shop/front")


def test_a_worst_moment_is_one_press_away(reader: Chrome) -> None:
    button = reader.find_element(By.CSS_SELECTOR, "[data-panel='unserved']")
    reader.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    first, last = window(reader)
    worst = START_MS + PEAKS_SECONDS[0] * 1000 + 30_000
    assert first < worst < last
    assert last - first == 600_000
    assert reader.find_element(By.ID, "readout").text == "20:52:30"
    peak = max(evening(failed=True).series["app.shop/front.unserved"].values)
    shown = reader.find_element(By.CSS_SELECTOR, "#panel-unserved .legend output").text
    assert float(shown) == pytest.approx(peak, abs=0.1)


def test_a_legend_entry_switches_its_line(reader: Chrome) -> None:
    entry = reader.find_elements(By.CSS_SELECTOR, "#panel-cost .legend button")[0]
    canvas = "#panel-cost canvas"
    drawn = reader.execute_script(COLOURED_PIXELS, reader.find_element(By.CSS_SELECTOR, canvas))
    reader.execute_script("arguments[0].click()", entry)
    left = WebDriverWait(reader, 5).until(
        lambda c: (
            c.execute_script(COLOURED_PIXELS, c.find_element(By.CSS_SELECTOR, canvas)) < drawn / 4
        )
    )
    assert left
    assert entry.get_attribute("aria-pressed") == "false"
    reader.execute_script("arguments[0].click()", entry)


def test_paper_is_light_whatever_the_screen(reader: Chrome) -> None:
    reader.execute_script("dispatchEvent(new Event('beforeprint'))")
    page = reader.execute_script(
        "return getComputedStyle(document.documentElement).getPropertyValue('--card')"
    )
    reader.execute_script("dispatchEvent(new Event('afterprint'))")
    assert page.strip() == "#ffffff"


def test_hostile_names_are_text_to_a_browser(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(hostile_evening()), encoding="utf-8")
    with opened(page, 390, "dark", tmp_path / "profile") as chrome:
        WebDriverWait(chrome, 20).until(lambda c: c.find_elements(By.CSS_SELECTOR, "html.ready"))
        marks = "document.querySelectorAll('.mark')"
        for i in range(len(chrome.find_elements(By.CSS_SELECTOR, ".mark"))):
            chrome.execute_script(f"{marks}[{i}].click()")
            assert chrome.find_elements(By.CSS_SELECTOR, "#detail li")
        assert SCRIPT in chrome.find_element(By.ID, "application").text
        assert IMAGE in chrome.find_element(By.CSS_SELECTOR, "#panel-unavailable .legend").text
        assert chrome.execute_script("return window.pwned") is None
        assert chrome.find_elements(By.CSS_SELECTOR, "img") == []
        wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert chrome.execute_script(wide) == 0
        assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no type here


def test_the_longest_run_of_a_page_is_drawn(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(render(evening(60, 9.0)), encoding="utf-8")
    with opened(page, 1280, "light", tmp_path / "profile") as chrome:
        WebDriverWait(chrome, 30).until(lambda c: c.find_elements(By.CSS_SELECTOR, "html.ready"))
        canvases = chrome.find_elements(By.CSS_SELECTOR, ".plot canvas")
        assert all(chrome.execute_script(COLOURED_PIXELS, canvas) > 150 for canvas in canvases)
        drag(chrome, "app-cpu", 0.1, 0.2)
        first, last = window(chrome)
        assert last - first == pytest.approx(9 * 3_600_000 / 10, rel=0.1)


@pytest.mark.parametrize("share", [0.0, 1e-4], ids=["no-step", "one-step"])
def test_a_run_stopped_at_once_still_opens(tmp_path: Path, share: float) -> None:
    record = evening(reached=share or 1.0)
    kept = 0 if share == 0.0 else 1
    series = {k: Series(s.title, s.unit, s.values[:kept]) for k, s in record.series.items()}
    stopped = msgspec.structs.replace(
        record, times_ms=record.times_ms[:kept], series=series, partial=True
    )
    page = tmp_path / "report.html"
    page.write_text(render(stopped), encoding="utf-8")
    with opened(page, 390, "light", tmp_path / "profile") as chrome:
        assert "prime-time" in chrome.find_element(By.TAG_NAME, "h1").text
        if kept:
            WebDriverWait(chrome, 9).until(lambda c: c.find_elements(By.CSS_SELECTOR, "html.ready"))
        assert chrome.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no type here


def test_the_console_stayed_silent_and_nothing_was_fetched(reader: Chrome) -> None:
    assert reader.get_log("browser") == []  # type: ignore[no-untyped-call]  # selenium has no type here
    assert reader.execute_script("return performance.getEntriesByType('resource').length") == 0
