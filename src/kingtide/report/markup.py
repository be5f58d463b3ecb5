"""HTML text: everything that is not markup goes through `text`."""

from __future__ import annotations

import html
from collections.abc import Iterable

from kingtide.report.plain import plain


def text(value: object) -> str:
    """Return any value as HTML text, also safe inside a quoted attribute."""
    return html.escape(plain(str(value)), quote=True)


def isolated(value: str) -> str:
    """Return a name in an element whose writing direction changes nothing around it."""
    return f"<bdi>{text(value)}</bdi>"


def table(caption: str, head: Iterable[str], rows: Iterable[str]) -> str:
    """Return a table of finished header cells and rows; the caption is text."""
    top = "".join(head)
    label = f"<caption>{text(caption)}</caption>" if caption else ""
    return f"<table>{label}<thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
