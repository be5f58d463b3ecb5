"""`kops toolbox template` without kops: values, snippets and templates in, documents out.

Source: kops cmd/kops/toolbox_template.go, pkg/util/templater/templater.go (master, 2026-08-22);
docs/reference/render.md tells every known difference.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

import msgspec

from kingtide.fleet.documents.mistakes import Findings, Mistake, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.migration.go_literals import TooDeep, go_literal
from kingtide.migration.go_templates import (
    EngineError,
    execute,
    from_yaml,
    printed_as_go_does,
    to_yaml,
)
from kingtide.migration.kops_dialect import FAILED, MAIN, RULES, Rewritten, Source, rewritten
from kingtide.migration.template_text import place_in
from kingtide.migration.values import Values

SEPARATOR = "---\n"

_FAILED = re.compile(f'no template "{FAILED}([A-Za-z0-9+/=]*)"')
_NO_TEMPLATE = re.compile(r'template ("(?:[^"\\]|\\.)*") (?:associated|not defined)')


class Rendered(msgspec.Struct, frozen=True):
    """What one template gave; `file` is the template's."""

    file: str
    text: str


def snippets_by_name(files: Sequence[Source]) -> tuple[dict[str, Source], tuple[str, ...]]:
    """Return snippets by the name of their file, and sentences on those that another one replaced.

    Raises:
        Mistakes: a snippet is named as kops names the template.
    """
    found: dict[str, Source] = {}
    replaced: list[str] = []
    for source in files:
        name = PurePath(source.file).name
        if name == MAIN:
            wrong = f"no snippet may be named {MAIN}, as kops names the template so"
            raise Mistakes([Mistake(Place(source.file, 0, 0), "", wrong, "rename the file")])
        if name in found:
            replaced.append(f"{source.file} replaces {found[name].file}: both are {name!r}")
        found[name] = Source(name, source.file, source.text)
    return found, tuple(replaced)


def render(
    templates: Sequence[Source],
    snippets: Mapping[str, Source],
    values: Values,
    *,
    fail_on_missing: bool = True,
) -> tuple[Rendered, ...]:
    """Return what each template prints, in their order; those that print nothing are left out.

    Raises:
        Mistakes: what is refused in any of the files, or the first thing that fails.
    """
    findings = Findings()
    known = [_rewritten(source, findings) for source in snippets.values()]
    mains = [_rewritten(Source(MAIN, it.file, it.text), findings) for it in templates]
    for main in mains:
        _note_doubles(main, known, findings)
    findings.raise_if_any()
    expression = _expression(values)
    documents: list[Rendered] = []
    for main in mains:
        assert main is not None  # or it would have been raised
        sources = [main, *(it for it in known if it is not None)]
        text, expression = _run(sources, expression, fail_on_missing=fail_on_missing)
        if text:
            documents.append(Rendered(main.source.file, text))
    return tuple(documents)


def joined(documents: Sequence[Rendered], *, format_yaml: bool = False) -> str:
    """Return the documents as one text; `format_yaml` reads and writes each, which sorts its keys.

    Raises:
        Mistakes: a document that is to be formatted is no map in YAML.
    """
    parts: list[str] = []
    for rendered in documents:
        pieces = rendered.text.split(SEPARATOR)
        if not format_yaml:
            parts += pieces
            continue
        for number, piece in enumerate(pieces, start=1):
            formatted = _formatted(piece, number, rendered)
            if formatted:
                parts.append(formatted)
    return SEPARATOR.join(parts)


def value_text(values: Values, key: str) -> str:
    """Return one value as `--config-value` prints it; `null` where there is none."""
    return printed_as_go_does(values[key]) if key in values else "null"


def _rewritten(source: Source, findings: Findings) -> Rewritten | None:
    try:
        return rewritten(source, findings)
    except Mistakes as error:
        findings.extend(error.all)
        return None


def _note_doubles(
    main: Rewritten | None, snippets: Sequence[Rewritten | None], findings: Findings
) -> None:
    """Note templates that are defined twice: which of them kops takes hangs on chance."""
    seen: dict[str, Place] = {}
    for it in (main, *snippets):
        if it is None:
            continue
        source = it.source
        for name, at in ((source.name, 0), *it.defines):
            place = place_in(source.text, at, source.file)
            if name in seen:
                first = seen[name]
                wrong = f"template {name!r} is defined in {first.file} too (line {first.line})"
                findings.add(place, (), wrong, "rename one: kops would take either")
            seen.setdefault(name, place)


def _expression(values: Values) -> str:
    try:
        return go_literal(values)
    except TooDeep as error:
        place = Place("--values", 0, 0)
        raise Mistakes([Mistake(place, "", "are nested too deeply", "flatten them")]) from error


def _run(
    sources: Sequence[Rewritten], expression: str, *, fail_on_missing: bool
) -> tuple[str, str]:
    texts = [it.text for it in sources]
    try:
        done = execute(texts, RULES, MAIN, expression, fail_on_missing=fail_on_missing)
    except EngineError as error:
        if error.text is None or error.text >= len(sources):
            place = Place(sources[0].source.file, 0, 0)
        else:
            place = sources[error.text].place(error.line, error.column_bytes)
        wrong, instead = _told(error.message, fail_on_missing=fail_on_missing)
        raise Mistakes([Mistake(place, "", wrong, instead)]) from error
    return done.text, done.values


def _told(message: str, *, fail_on_missing: bool) -> tuple[str, str]:
    failed = _FAILED.search(message)
    if failed is not None:
        return base64.b64decode(failed[1]).decode(errors="replace"), ""
    if message.startswith("map has no entry for key") and fail_on_missing:
        return message, "give it in --values, or use --fail-on-missing=false"
    missing = _NO_TEMPLATE.search(message)
    if missing is not None:
        return f"there is no snippet {missing[1]}", "name it by its file's name with its ending"
    if "nested reference name" in message or "maximum template depth" in message:
        return "templates include each other without end", "let one of them end"
    return message, ""


def _formatted(piece: str, number: int, rendered: Rendered) -> str:
    try:
        data = from_yaml(piece)
        return to_yaml(data) if data else ""
    except (EngineError, TooDeep) as error:
        message = error.message if isinstance(error, EngineError) else "is nested too deeply"
        line = f", line {error.line}" if isinstance(error, EngineError) and error.line else ""
        wrong = f"its document {number}{line} is not valid YAML: {message}"
        instead = "look at it without --format-yaml"
        place = Place(rendered.file, 0, 0)
        raise Mistakes([Mistake(place, "", wrong, instead)]) from error
