"""Which rules are run: by their codes, or by what their codes begin with."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.check.rule import Rule
from kingtide.fleet.documents.nearest import did_you_mean


class UnknownCode(ValueError):
    """Nothing begins with what is selected; the message says so, `; `, and what is near."""


class Selection(msgspec.Struct, frozen=True):
    """Codes or beginnings of codes: of those to run, empty for all, and of those to leave out."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def takes(self, code: str) -> bool:
        """Return whether a rule is run; the longer of two beginnings decides."""
        chosen = max((len(it) for it in self.select if code.startswith(it)), default=0)
        left_out = max((len(it) for it in self.ignore if code.startswith(it)), default=0)
        if self.select and not chosen:
            return False
        return chosen > left_out or not left_out


def selection(select: Iterable[str], ignore: Iterable[str], rules: Iterable[Rule]) -> Selection:
    """Return what a command line selects: `KT2`, `KT2,KT301`, in any case.

    Raises:
        UnknownCode: no rule's code begins so.
    """
    codes = [rule.code for rule in rules]
    wanted = Selection(_codes(select), _codes(ignore))
    for it in (*wanted.select, *wanted.ignore):
        if not any(code.startswith(it) for code in codes):
            advice = did_you_mean(it, codes, what="checks")
            raise UnknownCode(f"no check's code begins with {it!r}; {advice}")
    return wanted


def _codes(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(it.strip().upper() for text in texts for it in text.split(",") if it.strip())
