"""What a terminal of a given width shows."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType


def printed(what: RenderableType, width: int = 80, *, styled: bool = False) -> str:
    """Return the text, with escape sequences where `styled`."""
    console = Console(
        width=width,
        file=io.StringIO(),
        force_terminal=styled,
        color_system="standard" if styled else None,
        no_color=False,
    )
    with console.capture() as capture:
        console.print(what)
    return capture.get()
