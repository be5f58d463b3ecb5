"""A controller's reference page: its settings, its marks on objects, and what it reports.

All of it comes from the code: settings from their own texts, marks from the names that the rules
use, reports from the phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from kingtide.control.report import Phrases

_ALTERNATIVES = re.compile(r"\{\w+:[^{}|]*\|([^{}]*)\}")


class Mark(msgspec.Struct, frozen=True):
    """Something that is written or read on objects; `name` says what it is, too."""

    name: str
    kind: str
    meaning: str


def reference_page(
    head: str, settings: Sequence[str], marks: Iterable[Mark], phrases: Phrases
) -> str:
    """Return the page's text; `settings` are the lines of its tables of settings."""
    codes = [f"| `{code}` | {for_many(sentence)} |" for code, sentence in phrases.sentences.items()]
    return "\n".join(
        [
            head,
            "## Settings\n",
            *settings,
            "\n## What it writes and reads on objects\n",
            "| mark | on | what it says |",
            "|---|---|---|",
            *(f"| {it.name} | {it.kind} | {it.meaning} |" for it in marks),
            "\n## What it reports\n",
            "Words in braces are filled in.\n",
            "| code | sentence |",
            "|---|---|",
            *codes,
            "",
        ]
    )


def for_many(sentence: str) -> str:
    """Return a phrase as a page shows it, with its words for many."""
    return _ALTERNATIVES.sub(_many, sentence)


def _many(found: re.Match[str]) -> str:
    """Return the word for many: a table cannot hold both."""
    return found[1]
