"""`kingtide render`: kops' `toolbox template`, hermetic."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.mistaken import mistaken
from kingtide.files.template_inputs import read_inputs
from kingtide.files.writing import NotWritable, write_file
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.kops_dialect import Source
from kingtide.migration.rendering import Rendered, joined, snippets_by_name, value_text
from kingtide.migration.rendering import render as render_templates
from kingtide.migration.values import Values, read_values

Repeated = Annotated[tuple[str, ...], Parameter(negative="")]


def render(
    *,
    template: Repeated = (),
    values: Repeated = (),
    snippets: Repeated = (),
    settings: Annotated[tuple[str, ...], Parameter(name="--set", negative="")] = (),
    text_settings: Annotated[tuple[str, ...], Parameter(name="--set-string", negative="")] = (),
    name: str = "",
    fail_on_missing: bool = True,
    format_yaml: bool = False,
    config_value: str | None = None,
    out: Annotated[Path | None, Parameter(name=["--out", "--output"])] = None,
) -> ExitCode:
    """Render kops templates as `kops toolbox template` does, without kops.

    The same files give the same bytes everywhere: functions that read the environment, the clock,
    the network or chance are refused where they stand. docs/reference/render.md lists what is
    known and where it differs from kops.

    Args:
        template: A template, or a folder of them; may be repeated.
        values: A file of values, or a folder of them; later ones win; may be repeated.
        snippets: A folder of snippets for `include`, or one; may be repeated.
        settings: A value to set, as a.b=1,c={x,y}; may be repeated.
        text_settings: The same, but the value stays text; may be repeated.
        name: The cluster's name, for clusterName where the values do not have it.
        fail_on_missing: Refuse templates that read a value that is not given.
        format_yaml: Read and write the documents, which sorts keys and drops comments.
        config_value: Print this value instead, or null.
        out: Write into this file instead of printing.
    """
    try:
        if config_value is not None:
            text = value_text(_values(values, settings, text_settings, name), config_value) + "\n"
        else:
            documents = _documents(
                template,
                snippets,
                _values(values, settings, text_settings, name),
                fail_on_missing=fail_on_missing,
            )
            text = joined(documents, format_yaml=format_yaml)
    except Mistakes as error:
        raise mistaken(error, after=", nothing was rendered") from error
    if out is None:
        sys.stdout.write(text)
        return ExitCode.YES
    try:
        write_file(out, text.encode())
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another file with --out") from error
    return ExitCode.YES


def _values(
    files: tuple[str, ...], settings: tuple[str, ...], text_settings: tuple[str, ...], name: str
) -> Values:
    found = read_values(_sources("--values", files), settings, text_settings)
    found.setdefault("clusterName", name)
    return found


def _documents(
    templates: tuple[str, ...], snippets: tuple[str, ...], values: Values, *, fail_on_missing: bool
) -> tuple[Rendered, ...]:
    if not templates:
        raise BadInput("no template is named", hint="name one with --template FILE")
    known, replaced = snippets_by_name(_sources("--snippets", snippets))
    for sentence in replaced:
        sys.stderr.write(f"note: {sentence}\n")
    sources = _sources("--template", templates)
    return render_templates(sources, known, values, fail_on_missing=fail_on_missing)


def _sources(option: str, named: tuple[str, ...]) -> tuple[Source, ...]:
    return tuple(Source("", it.path, it.text) for it in read_inputs(option, named))
