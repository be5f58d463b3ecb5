"""Sources for tests: a text is enough to make one."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.kops_dialect import Source
from kingtide.migration.rendering import joined, render, snippets_by_name
from kingtide.migration.values import read_values


def rendered(
    *templates: str,
    values: str = "",
    snippets: Mapping[str, str] | None = None,
    settings: tuple[str, ...] = (),
    fail_on_missing: bool = True,
    format_yaml: bool = False,
) -> str:
    """Render templates, named t1.tpl and so on, with one file of values."""
    named = [Source("", f"snippets/{name}", text) for name, text in (snippets or {}).items()]
    known, _ = snippets_by_name(named)
    sources = [Source("", f"t{at}.tpl", text) for at, text in enumerate(templates, start=1)]
    read = read_values([Source("", "values.yaml", values)], settings)
    documents = render(sources, known, read, fail_on_missing=fail_on_missing)
    return joined(documents, format_yaml=format_yaml)


def told(*templates: str, **given: object) -> str:
    """Return the mistakes that rendering ends with."""
    try:
        found = rendered(*templates, **given)  # type: ignore[arg-type]  # by name
    except Mistakes as error:
        return str(error)
    raise AssertionError(f"rendered: {found!r}")
