"""What a reader does on report.html, and what reaches his eye: windows, drags, colours."""

from __future__ import annotations

from typing import Any

import msgspec
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

Rgb = tuple[int, int, int]

TEXT_CONTRAST_MIN = 4.5
"""WCAG 2.2, 1.4.3 (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""
INK_CONTRAST_MIN = 3.0
"""WCAG 2.2, 1.4.11 (https://www.w3.org/TR/WCAG22/#non-text-contrast)."""


class PaintedText(msgspec.Struct, frozen=True):
    """A text as painted: its colour after every opacity, on the background behind it."""

    element: str
    text: str
    ink: Rgb
    ground: Rgb


# A canvas turns every notation of a colour into four bytes.
COLOURS = """
const pen = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
const bytes = (colour) => {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data];
};
const over = (top, alpha, ground) =>
  ground.map((value, i) => Math.round(top[i] * alpha + value * (1 - alpha)));
const groundOf = (element) => {
  if (!element) return [255, 255, 255];
  const [r, g, b, a] = bytes(getComputedStyle(element).backgroundColor);
  return a === 255 ? [r, g, b] : over([r, g, b], a / 255, groundOf(element.parentElement));
};
"""

# Disabled controls need no contrast (WCAG 2.2, 1.4.3, "inactive user interface component").
PAINTED_TEXTS = (
    COLOURS
    + """
const opacityOf = (e) => e ? Number(getComputedStyle(e).opacity) * opacityOf(e.parentElement) : 1;
return [...document.querySelectorAll("body, body *")].filter((e) =>
  !e.closest("script, style, noscript, option, :disabled") &&
  e.checkVisibility({checkVisibilityCSS: true}) &&
  [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())
).map((e) => {
  const ink = bytes(getComputedStyle(e).webkitTextFillColor), ground = groundOf(e);
  const painted = over(ink, ink[3] / 255 * opacityOf(e), ground);
  return {
    element: `${e.tagName.toLowerCase()}.${e.className}`, text: e.textContent.slice(0, 40),
    ink: painted, ground,
  };
});
"""
)

GROUND = COLOURS + "return groundOf(document.querySelector(arguments[0]));"
TEXT_COLOUR = COLOURS + (
    "return bytes(getComputedStyle(document.querySelector(arguments[0])).webkitTextFillColor);"
)

# On a copy: reading the page's own canvas back would make Chromium warn about the test.
COLOURED_PIXELS = """
const canvas = arguments[0];
const blank = new OffscreenCanvas(canvas.width, canvas.height);
const copy = blank.getContext("2d", {willReadFrequently: true});
copy.drawImage(canvas, 0, 0);
const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
let found = 0;
for (let i = 0; i < data.length; i += 4) {
  const rgb = [data[i], data[i + 1], data[i + 2]];
  if (data[i + 3] > 30 && Math.max(...rgb) - Math.min(...rgb) > 50) found++;
}
return found;
"""

# The line colours of a plot, as pixels of it: [r, g, b, how often], opaque and not grey.
LINE_COLOURS = """
const canvas = arguments[0];
const blank = new OffscreenCanvas(canvas.width, canvas.height);
const copy = blank.getContext("2d", {willReadFrequently: true});
copy.drawImage(canvas, 0, 0);
const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
const found = new Map();
for (let i = 0; i < data.length; i += 4) {
  const rgb = [data[i], data[i + 1], data[i + 2]];
  if (data[i + 3] < 255 || Math.max(...rgb) - Math.min(...rgb) <= 50) continue;
  found.set(rgb.join(), (found.get(rgb.join()) || 0) + 1);
}
return [...found].map(([rgb, count]) => [...rgb.split(",").map(Number), count]);
"""

WIDER_THAN_SCREEN = """
const limit = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && (box.right > limit + 1 || box.left < -1);
}).map((e) => e.tagName + "." + e.className);
"""


def window(chrome: Chrome) -> tuple[int, int]:
    """Return the first and the last millisecond shown."""
    first, last = chrome.execute_script("return document.documentElement.dataset.window").split()
    return int(first), int(last)


def area(chrome: Chrome, panel: str) -> WebElement:
    """The plotting area of a panel, scrolled into the middle of the screen."""
    element = chrome.find_element(By.CSS_SELECTOR, f"#panel-{panel} .u-over")
    chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    return element


def drag(chrome: Chrome, panel: str, start: float, end: float) -> None:
    """Drag over these shares of a plot's width with a mouse."""
    over = area(chrome, panel)
    width = over.size["width"]
    actions = ActionChains(chrome, duration=50)
    actions.move_to_element_with_offset(over, round((start - 0.5) * width), 0).click_and_hold()
    actions.move_by_offset(round((end - start) * width / 2), 0)
    actions.move_by_offset(round((end - start) * width / 2), 0).release().perform()


def painted_texts(chrome: Chrome) -> list[PaintedText]:
    """Return every text that is not hidden, after unfolding what is folded."""
    unfold = "document.querySelectorAll('details').forEach((e) => { e.open = true; })"
    chrome.execute_script(unfold)
    return msgspec.convert(chrome.execute_script(PAINTED_TEXTS), list[PaintedText])


def luminance(colour: Rgb) -> float:
    """Return the relative luminance of a colour, 0 for black, 1 for white.

    Source: WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance.
    """
    shares = [value / 255 for value in colour]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Return the contrast of two colours, from 1 to 21 (WCAG 2.2, dfn-contrast-ratio)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_scheme(chrome: Chrome, scheme: str) -> None:
    """Assert that page and card are dark with light text, or the reverse, and text is opaque."""
    for selector in ("body", ".verdict", ".plot"):
        ground: Any = chrome.execute_script(GROUND, selector)
        *ink, alpha = chrome.execute_script(TEXT_COLOUR, selector)
        dark, light = (ground, ink) if scheme == "dark" else (ink, ground)
        assert luminance(dark) < 0.05, (selector, dark)
        assert luminance(light) > 0.7, (selector, light)
        assert alpha == 255, selector


def check_contrast(chrome: Chrome) -> None:
    """Assert that every text can be read, and that every plot's lines stand out of its card."""
    texts = painted_texts(chrome)
    assert len(texts) > 100
    faint = [str(it) for it in texts if contrast(it.ink, it.ground) < TEXT_CONTRAST_MIN]
    assert not faint, "\n".join(faint)
    ground: Any = chrome.execute_script(GROUND, ".plot")
    for canvas in chrome.find_elements(By.CSS_SELECTOR, ".plot canvas"):
        seen = [
            count
            for *ink, count in chrome.execute_script(LINE_COLOURS, canvas)
            if contrast((ink[0], ink[1], ink[2]), ground) >= INK_CONTRAST_MIN
        ]
        assert sum(seen) > 100
