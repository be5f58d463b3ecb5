"""What a controller has said and still holds, so that it says a thing when it changes, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kingtide.control.report import Verdict


def changed(
    said: Mapping[str, str],
    standing: Iterable[Verdict],
    cleared: Iterable[Verdict] = (),
    forgotten: Iterable[str] = (),
) -> tuple[Mapping[str, str], list[Verdict]]:
    """Return what is now said, and the verdicts that were not said before.

    `cleared` are said when their subject had a standing, which then ends; `forgotten` subjects lose
    theirs in silence, before the new standings count.
    """
    updates: dict[str, str | None] = {it: None for it in forgotten if it in said}
    verdicts: list[Verdict] = []
    for verdict in standing:
        before = None if verdict.subject in updates else said.get(verdict.subject)
        if before != verdict.code:
            verdicts.append(verdict)
            updates[verdict.subject] = verdict.code
    for verdict in cleared:
        if verdict.subject in said and verdict.subject not in updates:
            verdicts.append(verdict)
            updates[verdict.subject] = None
    if not updates:
        return said, verdicts
    merged = dict(said)
    for subject, code in updates.items():
        if code is None:
            merged.pop(subject, None)
        else:
            merged[subject] = code
    return merged, verdicts
