"""What a request meets, as lines for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kingtide.controllers.ingress.explaining.choice import Choice, Passed, Why
from kingtide.controllers.ingress.explaining.endpoints import Reached
from kingtide.controllers.ingress.explaining.explanation import Answer, Explanation
from kingtide.controllers.ingress.explaining.way import MAY_ANSWER
from kingtide.controllers.ingress.routing.paths import Look
from kingtide.controllers.ingress.routing.table import Route
from kingtide.report.plain import plain

MAX_PASSED = 20
"""Rules that are shown beside the one that is met; JSON has all."""
_LABEL = 10

_LOOKS: dict[Look, str] = {
    "exact": "its exact path",
    "prefix_exact": "its prefix itself",
    "prefix": "the longest prefix of the path",
}
_WHY: dict[Why, str] = {
    "Taken": "Ingress {winner} has the same host and path, and is older",
    "HostFirst": "a narrower host has rules; there is no falling back from it",
    "ExactFirst": "{winner_rule} comes first: exact paths are looked for before prefixes",
    "Longer": "{winner_rule} is longer",
    "ExactOnly": "only that very path",
    "ElementWise": "a Prefix ends at a slash",
    "PathOnly": "another path",
}
_ANSWERS: dict[Answer, str] = {
    "servers": "a server of {service} answers",
    "no server": "503: {service} has no server that takes requests",
    "default backend": "no rule takes it, so a server of the default backend {service} answers",
    "no rule": "404: no rule takes it, and there is no default backend",
    "no pod": "HAProxy itself answers, by the lines of the way",
}


def explanation_lines(it: Explanation) -> Iterator[str]:
    """Yield the request, the rule with those that were passed, the way, the servers, the answer."""
    yield _labelled("request", f"{it.choice.host or 'without a host'} {it.choice.path}")
    yield _labelled("host", _hosts(it.choice))
    yield from _tls(it)
    match = it.choice.match
    if match is None:
        yield _labelled("rule", "none")
    else:
        yield _labelled("rule", f"{_rule(match.route)}, by {_LOOKS[match.look]}: {match.text}")
    yield from _column("not", [_passed(one) for one in it.choice.passed], MAX_PASSED)
    conditions = [
        f"{_rule(one.route)} to {one.route.backend}: {one.condition}" for one in it.unless
    ]
    yield from _column("unless", conditions)
    yield from _division(it)
    yield from _way(it)
    if it.service:
        yield from _column("servers", _servers(it.endpoints))
    for troubled in it.troubled:
        told = [f"{troubled.ingress} {one.code}: {one.message}" for one in troubled.problems]
        yield from _column("problem", told)
    foreign = [
        f"Ingress {one.ingress} names this host, and is of class {one.class_name!r}"
        for one in it.foreign
    ]
    yield from _column("not ours", foreign)
    answer = _ANSWERS[it.answer].format(service=f"Service {it.service}")
    may = any(one.about in MAY_ANSWER for one in it.steps) and it.answer != "no pod"
    yield _labelled("answer", f"{answer}, unless a line of the way does" if may else answer)


def encode_explanation(it: Explanation) -> bytes:
    """Return an explanation as JSON, with whether a server would answer."""
    found = {"answered": it.is_answered, **msgspec.to_builtins(it)}
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def _labelled(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{plain(text)}"


def _column(label: str, texts: list[str], most: int = 1000) -> Iterator[str]:
    for number, text in enumerate(texts[:most]):
        yield _labelled("" if number else label, text)
    if len(texts) > most:
        yield _labelled("", f"and {len(texts) - most} more")


def _hosts(it: Choice) -> str:
    parts = []
    for one in it.hosts:
        name = one.key or "any host"
        parts.append(f"{name} has rules" if one.has_rules else f"{name} has none")
        if one.has_rules:
            break
    return ", ".join(parts)


def _rule(it: Route) -> str:
    where = f"Ingress {it.ingress}: " if it.ingress else ""
    return f"{where}{it.host or 'any host'} {it.path_type} {it.path or '/'}"


def _passed(it: Passed) -> str:
    winner = it.winner
    return f"{_rule(it.route)}: " + _WHY[it.why].format(
        winner="" if winner is None else winner.ingress,
        winner_rule="" if winner is None else f"{winner.path_type} {winner.path or '/'}",
    )


def _tls(it: Explanation) -> Iterator[str]:
    if it.passthrough:
        yield _labelled("TLS", f"goes as it is to {it.passthrough}; the rest is of plain HTTP")
    elif it.certificate:
        yield _labelled("TLS", f"ends here, with the certificate of Secret {it.certificate}")


def _division(it: Explanation) -> Iterator[str]:
    divided = it.division
    if divided is None:
        return
    share = f"{divided.weight / 100:g} % go to its backend {divided.canary}"
    how = f"this one to the {divided.goes}, by {divided.because}" if divided.goes else "by chance"
    told = f"Ingress {divided.ingress} is a canary: {share}, others to {divided.main}; {how}"
    yield _labelled("canary", told)


def _way(it: Explanation) -> Iterator[str]:
    if it.backend:
        of = f", Service {it.service}" if it.service else ""
        yield _labelled("backend", f"{it.backend}{of}")
    lines = []
    for step in it.steps:
        lines.append(f"{step.about}: {step.line}")
        lines += [f"  {pattern}" for pattern in step.patterns]
        lines += [f"  the request has {name}: {_header(it, name)}" for name in step.reads]
    if it.server_words:
        lines.append(f"of every server: {' '.join(it.server_words)}")
    yield from _column("way", lines)


def _header(it: Explanation, name: str) -> str:
    return next(value for key, value in it.headers.items() if key.lower() == name)


def _servers(found: tuple[Reached, ...]) -> list[str]:
    if not found:
        return ["none: the Service has no endpoints"]
    width = max(len(it.address) for it in found)
    rows = []
    for it in found:
        place = " ".join(text for text in (it.pod, it.node, it.zone) if text)
        rows.append(f"{it.address:<{width}}  {it.state:<9}  {place}".rstrip())
    return rows
