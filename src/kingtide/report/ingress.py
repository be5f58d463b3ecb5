"""What Ingresses in files came to: a row an Ingress, located problems, JSON for another program."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from kingtide.controllers.ingress.annotations.left_open import NGINX
from kingtide.controllers.ingress.annotations.of_nginx import OF_NGINX
from kingtide.controllers.ingress.compose import Composed
from kingtide.controllers.ingress.located import located
from kingtide.controllers.ingress.told import IngressReport, Problem
from kingtide.fleet.documents.tree import place_of
from kingtide.fleet.manifests import Manifest
from kingtide.report.plain import plain

_PASSWORD = re.compile(r"^(  user \S+ password) .*$", re.MULTILINE)
HIDDEN = "(it holds a private key, which only --out writes)\n"


class RenderedIngresses(msgspec.Struct, frozen=True):
    """What is told of a rendering: the composed proxy, HAProxy's files by name, what was read.

    `manifests` are the Ingresses by `namespace/name`; `foreign` those that are not ours, with the
    class that each names; `checked` the version of the HAProxy that takes the files, if one tried.
    """

    composed: Composed
    files: Mapping[str, str]
    manifests: Mapping[str, Manifest]
    foreign: Mapping[str, str]
    checked: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all of every Ingress of ours, and of the ConfigMap, has effect."""
        reports = self.composed.reports
        return not self.composed.problems and not any(it.problems for it in reports)


def shown_files(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return files as they may be printed: without private keys and hashes of passwords."""
    return {
        name: HIDDEN if "PRIVATE KEY-----" in it else _PASSWORD.sub(r"\1 (hidden)", it)
        for name, it in files.items()
    }


def ingress_lines(it: RenderedIngresses) -> Iterator[str]:
    """Yield the table, what has no effect with its place in the files, and the count."""
    reports = sorted(it.composed.reports, key=lambda one: one.ingress)
    names = [plain(one.ingress) for one in reports]
    width = max(map(len, ("Ingress", *names)))
    if reports:
        yield f"{'Ingress':<{width}}  routes  problems  in effect"
    for name, report in zip(names, reports, strict=True):
        state = "no" if not report.is_accepted else "in part" if report.problems else "yes"
        yield f"{name:<{width}}  {report.routes:>6}  {len(report.problems):>8}  {state}"
    for report in reports:
        for problem in report.problems:
            yield f"{_where(it, report, problem)}: {problem.code}: {plain(_sentence(problem))}"
    for problem in it.composed.problems:
        of = "ConfigMap" if "ConfigMap" in problem.place else "settings"
        yield f"{of}: {problem.code}: {plain(_sentence(problem))}"
    for key, name in sorted(it.foreign.items()):
        of = f"of class {plain(name)!r}" if name else "of no class, and not of the default one"
        yield f"not ours: Ingress {plain(key)} is {of}"
    yield from _of_nginx(it.manifests)
    yield _summary(it)


def _of_nginx(manifests: Mapping[str, Manifest]) -> Iterator[str]:
    """Yield what each of ingress-nginx's annotations is here: nobody reads those."""
    known = {name: theirs for theirs in OF_NGINX for name in theirs.names}
    for manifest in manifests.values():
        for key in manifest.annotations:
            if not key.startswith(NGINX):
                continue
            theirs = known.get(key.removeprefix(NGINX))
            if theirs is None:
                told = "nobody here knows it"
            else:
                ours = ", ".join(f"haproxy.org/{name}" for name in theirs.ours)
                told = "; ".join(text for text in (theirs.how, ours, theirs.note) if text)
            place = place_of(manifest.node, ("metadata", "annotations", key), key=True)
            where = f"{place.file}:{place.line}:{place.column}: {plain(manifest.key)}"
            yield f"{where}: {plain(key)} is not read: {plain(told)}"


def _sentence(it: Problem) -> str:
    return f"{it.place}: {it.message}"


def _where(it: RenderedIngresses, report: IngressReport, problem: Problem) -> str:
    manifest = it.manifests[report.ingress]
    place = located(manifest, problem.place)
    return f"{place.file}:{place.line}:{place.column}: {plain(manifest.key)}"


def _summary(it: RenderedIngresses) -> str:
    reports, desired = it.composed.reports, it.composed.desired
    servers = sum(len(one.servers) for one in desired.backends.values())
    empty = sum(not one.servers for one in desired.backends.values())
    troubled = sum(bool(one.problems) for one in reports)
    text = (
        f"{_count(len(reports), 'Ingress', 'Ingresses')}, {troubled} with problems:"
        f" {_count(len(desired.routes), 'route')}, {_count(len(desired.backends), 'backend')}"
        f" ({empty} without servers), {_count(servers, 'server')}"
    )
    return f"{text}; HAProxy {it.checked} takes the files" if it.checked else text


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def encode_ingresses(it: RenderedIngresses) -> bytes:
    """Return a rendering as JSON: reports, what is not ours, and the files by name."""
    found = {
        "ingresses": [_report(it, report) for report in it.composed.reports],
        "config_map": it.composed.problems,
        "not_ours": it.foreign,
        "checked_with_haproxy": it.checked or None,
        "files": shown_files(it.files),
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2)


def _report(it: RenderedIngresses, report: IngressReport) -> dict[str, Any]:
    manifest = it.manifests[report.ingress]
    return {
        "ingress": report.ingress,
        "file": manifest.place.file,
        "line": manifest.place.line,
        "routes": report.routes,
        "accepted": report.is_accepted,
        "problems": [
            {
                "code": problem.code,
                "place": problem.place,
                "line": located(manifest, problem.place).line,
                "message": problem.message,
            }
            for problem in report.problems
        ],
    }
