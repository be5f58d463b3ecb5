"""The report of a pass: what was considered, chosen and not touched, and why.

Events, metrics, logs, the console and `kingtide explain` all read this one report. A verdict is
recorded when it changes, never for the whole fleet at every pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.control.counted import Counted

Stance = Literal["chose", "acted", "refused", "waits", "noticed", "cleared"]
Detail = int | str | bool


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a controller now holds of one subject.

    `subject` is `kind/name` (`node/ip-10-0-1-7`, `group/spot-nodes-workers-4x`, `pod/shop/api-7`);
    `code` is a stable CamelCase word, documented in the controller's report module; `details` fill
    its sentence.
    """

    subject: str
    stance: Stance
    code: str
    details: Mapping[str, Detail] = {}


class Report(msgspec.Struct, frozen=True, gc=False):
    """A pass in numbers (`saw`) and the verdicts that changed in it."""

    saw: Mapping[str, Detail] = {}
    verdicts: tuple[Verdict, ...] = ()


class Phrases(msgspec.Struct, frozen=True):
    """A controller's sentences: code -> format string over `subject` and the verdict's details.

    `{pods:waits|wait}` is the word for one pod, or for any other number of them.
    """

    sentences: Mapping[str, str]

    def tell(self, verdict: Verdict) -> str:
        """Return the verdict as a sentence.

        An unknown code is told by its details, never hidden.
        """
        pattern = self.sentences.get(verdict.code)
        if pattern is None:
            told = ", ".join(f"{k}={v}" for k, v in verdict.details.items())
            return f"{verdict.subject}: {verdict.code} ({told})"
        name = verdict.subject.split("/", 1)[-1]
        details = {k: Counted(v) if type(v) is int else v for k, v in verdict.details.items()}
        return pattern.format(subject=verdict.subject, name=name, **details)


EMPTY_REPORT = Report()
