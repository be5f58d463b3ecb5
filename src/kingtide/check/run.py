"""Run rules over a fleet: all findings at once, the waived ones apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from kingtide.check.findings import Checked, Finding, Waived
from kingtide.check.rule import Rule
from kingtide.check.rules.fleet import waivers as waiver_rules
from kingtide.check.selection import Selection
from kingtide.check.view import FleetView, Found
from kingtide.check.waivers import KnownWaiver, Waivers, waivers_of


def check_fleet(
    fleet: FleetView, rules: Sequence[Rule], today: str, wanted: Selection | None = None
) -> Checked:
    """Return everything that the rules find in a fleet.

    `today` (2026-12-31) is the date by which waivers end. What several clusters have of one layer
    is one finding.
    """
    chosen = [rule for rule in rules if wanted is None or wanted.takes(rule.code)]
    waivers = waivers_of(fleet)
    used: dict[int, None] = {}
    kept: list[tuple[Rule, Found]] = []
    waived: list[tuple[Rule, Found, KnownWaiver]] = []
    for rule in chosen:
        for found in rule.check(fleet) if rule.check is not None else ():
            by = _waiver(rule, found, waivers, fleet, today, used)
            if by is None:
                kept.append((rule, found))
            else:
                waived.append((rule, found, by))
    every = [rule.code for rule in rules]
    for rule in chosen:
        kept += [(rule, it) for it in _of_waivers(rule, waivers, today, used, chosen, every)]
    findings = _merged(kept)
    accepted: dict[KnownWaiver, list[tuple[Rule, Found]]] = {}
    for rule, found, by in waived:
        accepted.setdefault(by, []).append((rule, found))
    return Checked(
        findings=findings,
        waived=tuple(Waived(it, by) for by, those in accepted.items() for it in _merged(those)),
        clusters=tuple(it.name for it in fleet.clusters),
        unsound=fleet.unsound,
        rules=tuple(rule.code for rule in chosen),
    )


def _waiver(
    rule: Rule,
    found: Found,
    waivers: Waivers,
    fleet: FleetView,
    today: str,
    used: dict[int, None],
) -> KnownWaiver | None:
    """Return the waiver that holds for a finding; all that are about it count as used."""
    holds: KnownWaiver | None = None
    for index, it in enumerate(waivers.known):
        if it.covers(rule.code, found, fleet.paths):
            used[index] = None
            if holds is None and today <= it.waiver.until:
                holds = it
    return holds


def _of_waivers(
    rule: Rule,
    waivers: Waivers,
    today: str,
    used: dict[int, None],
    chosen: Iterable[Rule],
    every: Sequence[str],
) -> Iterator[Found]:
    """Yield what a rule about waivers finds; `every` is the code of each rule that there is."""
    if rule.code == waiver_rules.UNREADABLE.code:
        yield from waivers.unreadable
        for it in waivers.known:
            if it.waiver.check not in every:
                yield waiver_rules.unknown(it, every)
    if rule.code == waiver_rules.EXPIRED.code:
        yield from (waiver_rules.expired(it) for it in waivers.known if it.waiver.until < today)
    if rule.code == waiver_rules.UNUSED.code:
        codes = [it.code for it in chosen]
        for index, it in enumerate(waivers.known):
            # Of a rule that was not run nobody knows whether it finds anything.
            if index not in used and it.waiver.check in codes and today <= it.waiver.until:
                yield waiver_rules.unused(it)


def _merged(found: Iterable[tuple[Rule, Found]]) -> tuple[Finding, ...]:
    """Return findings sorted by place; the same words about one place are one finding."""
    clusters: dict[Finding, dict[str, None]] = {}
    for rule, it in found:
        bare = Finding(
            code=rule.code,
            title=rule.title,
            severity=rule.severity,
            place=it.place,
            field=it.field,
            wrong=it.wrong,
            instead=it.instead,
            about=it.about,
        )
        named = clusters.setdefault(bare, {})
        if it.cluster:
            named[it.cluster] = None
    merged = [
        msgspec.structs.replace(bare, clusters=tuple(sorted(named)))
        for bare, named in clusters.items()
    ]
    return tuple(sorted(merged, key=lambda it: (it.place, it.code, it.about, it.field, it.wrong)))
