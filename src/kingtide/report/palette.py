"""The inks of every plot, in a light and a dark mode, told apart also by dash and label.

Hues follow the order that Okabe and Ito found to stay distinct with protanopia and deuteranopia
(blue, vermilion, green, purple, ochre; https://jfly.uni-koeln.de/color/, 2008). Lightness is our
own, so that every ink and every text colour reaches 4.5:1 against its background in both modes
(WCAG 2.2, 1.4.3; lines alone would need 3:1, 1.4.11). A test measures it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Ink = Literal["blue", "orange", "green", "purple", "ochre", "sky", "rose", "grey"]
Mode = Literal["light", "dark"]
Dash = Literal["solid", "dashed", "dotted", "dash_dot", "long"]

DASHES: dict[Dash, tuple[int, ...]] = {
    "solid": (),
    "dashed": (7, 4),
    "dotted": (2, 3),
    "dash_dot": (9, 3, 2, 3),
    "long": (14, 4),
}
"""Lengths of stroke and gap in CSS pixels."""

INKS: dict[Mode, dict[Ink, str]] = {
    "light": {
        "blue": "#1f5fbf",
        "orange": "#c2500a",
        "green": "#0b7a5b",
        "purple": "#7b3fa8",
        "ochre": "#8a6a00",
        "sky": "#0a7896",
        "rose": "#b8326f",
        "grey": "#5b6676",
    },
    "dark": {
        "blue": "#74b0ff",
        "orange": "#ff9a5c",
        "green": "#4fd0a4",
        "purple": "#cf9cf5",
        "ochre": "#e3c14a",
        "sky": "#58cbe8",
        "rose": "#ff8fbd",
        "grey": "#a9b4c4",
    },
}


class Surface(msgspec.Struct, frozen=True):
    """The page around the inks: backgrounds, text, lines and the two verdict colours."""

    page: str
    card: str
    text: str
    muted: str
    line: str
    grid: str
    good: str
    bad: str
    warning: str
    accent: str


SURFACES: dict[Mode, Surface] = {
    "light": Surface(
        page="#f4f6f9",
        card="#ffffff",
        text="#141b26",
        muted="#55606f",
        line="#d5dbe4",
        grid="#e9edf2",
        good="#0b6b4f",
        bad="#b3261e",
        warning="#8a5300",
        accent="#1a56b0",
    ),
    "dark": Surface(
        page="#0d121a",
        card="#151c27",
        text="#e8edf4",
        muted="#a3afbf",
        line="#303b4b",
        grid="#222c3a",
        good="#58d6a6",
        bad="#ff8a80",
        warning="#f0bb57",
        accent="#84b8ff",
    ),
}

CLASS_INKS: tuple[Ink, ...] = ("blue", "orange", "green", "purple", "ochre", "sky", "rose")
"""Inks given to priority classes in their order.

Beyond seven the dashes go on telling them apart.
"""

CLASS_DASHES: tuple[Dash, ...] = ("solid", "dashed", "dotted", "dash_dot", "long")


def css_variables(mode: Mode) -> str:
    """Return the mode's colours as CSS custom properties (`--ink-blue: #...; --text: ...`)."""
    surface = msgspec.structs.asdict(SURFACES[mode])
    pairs = [(f"ink-{ink}", colour) for ink, colour in INKS[mode].items()] + list(surface.items())
    return "".join(f"--{name}:{colour};" for name, colour in pairs)
