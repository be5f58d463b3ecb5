"""A headless Chromium of the distribution that opens a page as its reader would."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE_PIXELS = 600
FINGER_SECONDS = 0.06
"""A finger is slower than a driver: Chromium takes a tap right after a swipe for its end."""


def paths() -> tuple[str, str]:
    """Return Chromium and its driver, or skip the test with what to install."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium chromium-driver)")
    return browser, driver


@contextmanager
def opened(page: Path, width: int, scheme: str, profile: Path) -> Iterator[Chrome]:
    """Yield a browser that shows the page `width` pixels wide, on a screen that may be touched."""
    browser, driver = paths()
    options = Options()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    try:
        phone = width < PHONE_PIXELS
        screen = {"width": width, "height": 900, "deviceScaleFactor": 2 if phone else 1}
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen | {"mobile": phone})
        fingers = {"enabled": True, "maxTouchPoints": 2}
        chrome.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", fingers)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        chrome.get(page.as_uri())
        yield chrome
    finally:
        chrome.quit()


def touch(chrome: Chrome, kind: str, *points: tuple[float, float]) -> None:
    """Send one touch event (`touchStart`, `touchMove`, `touchEnd`) with these fingers down."""
    fingers: list[dict[str, Any]] = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
    chrome.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})
    time.sleep(FINGER_SECONDS)
