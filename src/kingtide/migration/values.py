"""The values of a template: files laid over each other, then `--set`, then `--set-string`.

Source: kops cmd/kops/toolbox_template.go (`newTemplateContext`, `mergeValues`).
"""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.fleet.documents.mistakes import Findings, Mistakes
from kingtide.fleet.documents.tree import Place
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.migration.go_literals import MutableValue
from kingtide.migration.go_templates import EngineError, from_yaml
from kingtide.migration.kops_dialect import Source
from kingtide.migration.set_expressions import SetError, set_into

Values = dict[str, MutableValue]


def read_values(
    files: Sequence[Source], set_typed: Sequence[str] = (), set_text: Sequence[str] = ()
) -> Values:
    """Return the values of files in their order: maps merge, everything else is replaced.

    A null replaces too. `--set` and `--set-string` come last, in this order.

    Raises:
        Mistakes: everything that cannot be read.
    """
    findings = Findings()
    values: Values = {}
    for source in files:
        found = read_map(source, findings)
        if found is not None:
            _merge(values, found)
    for option, expressions in (("--set", set_typed), ("--set-string", set_text)):
        for expression in expressions:
            try:
                set_into(values, expression, as_text=option == "--set-string")
            except SetError as error:
                wrong, _, instead = str(error).partition("; ")
                findings.add(Place(f"{option} {expression}", 0, 0), (), wrong, instead)
    findings.raise_if_any()
    return values


def read_map(source: Source, findings: Findings, *, lines_before: int = 0) -> Values | None:
    """Return a YAML text's map as kops reads it; None where that was noted to be impossible."""
    try:
        return dict(_mutable_map(from_yaml(source.text)))
    except EngineError as error:
        place = _place(source, error.line, lines_before)
        instead = "check indentation, quotes and brackets"
        wrong = f"is not valid YAML: {error.message}"
        if error.message == "is not a map":
            wrong, instead = "is not a map", "write `name: value`, one a line"
        findings.add(place, (), wrong, instead)
        return None


def _place(source: Source, line: int, lines_before: int) -> Place:
    """Return where a text goes wrong: by our own reader, which knows columns, if it sees it too."""
    try:
        parse_yaml(source.text.encode(), source.file, lines_before=lines_before)
    except Mistakes as error:
        first = error.all[0].place
        if first.line and (not line or first.line - lines_before >= line):
            return first
    return Place(source.file, lines_before + max(line, 1), 1)


def _mutable_map(found: object) -> Values:
    copied = _mutable(found)
    assert isinstance(copied, dict)
    return copied


def _mutable(value: object) -> MutableValue:
    match value:
        case dict():
            return {str(key): _mutable(item) for key, item in value.items()}
        case list():
            return [_mutable(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"YAML has no {type(value)}")  # a defect of ours


def _merge(lower: Values, upper: Values) -> None:
    for key, value in upper.items():
        below = lower.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        else:
            lower[key] = value
