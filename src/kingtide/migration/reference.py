"""Writes docs/reference/render.md: `python -m kingtide.migration.reference > docs/...`."""

from __future__ import annotations

import sys

from kingtide.migration.template_functions import FUNCTIONS, REFUSED

INTRODUCTION = """\
# Templates of kops, rendered by `kingtide render`

`kingtide render` does what `kops toolbox template` does, for the templates that you have: the
same values, snippets and functions, the same bytes. It needs neither kops nor a network, and
gives the same bytes on every machine. The engine is Go's own `text/template` with sprig, as part
of Helm's SDK (helm-python-sdk, Helm v4.2); nothing of it is written anew.

This page is generated from `src/kingtide/migration`.

## What it does, in order

1. **Values.** `--values FILE` or a folder, walked by name; maps merge, everything else is
   replaced, also by null. Then every `--set`, whose values are typed (`true`, `null`, whole
   numbers), then every `--set-string`. `--name` is `clusterName` where the values have none.
   Files are read as kops reads them: YAML 1.1 (`on` is true, `010` is 8), every number floating
   (`1000000` prints as `1e+06`; write it in quotes).
2. **Snippets.** Every file below `--snippets`, named by its own name with its ending; folders do
   not count. Of two of one name the later one wins, and a note on stderr says so. None may be
   called `mainTemplate`.
3. **Templates**, one by one. What one changes with `set` the next one sees. What prints nothing
   is left out.
4. The text of each is split at `---` lines and all are joined with them. `--format-yaml` reads
   and writes each document: keys are sorted, comments and empty documents go.

`include NAME CONTEXT` needs a map as its context. `indent N` is kops': it leaves the first line
and empty ones alone, so it stands where the first line is to begin:

```yaml
    instances:
    {{ include "spot_4x_32Gb_machine_type.yaml" . | indent 4 }}
```

A key that is not there is an error, `default` or not; `--fail-on-missing=false` prints `<no
value>` instead, as kops does. `--config-value KEY` prints one value and nothing else.

Mistakes are told with file, line and column of your own text, and end with exit code 2; nothing
is written then.
"""

DIFFERENCES = (
    (
        "functions that are not the same everywhere",
        "run",
        "refused, with their place (below)",
    ),
    (
        "the kops channel",
        "downloaded on every run, used or not",
        "never asked for",
    ),
    (
        "`keys`",
        "in an order of chance",
        "sorted, which is one of kops' orders",
    ),
    (
        "`fromJson` of a text that is no JSON",
        "null",
        "an error",
    ),
    (
        "one template name defined in two files",
        "either, by chance",
        "refused",
    ),
    (
        "`--set` that ends with a name or an index that nothing follows",
        "ignored",
        "refused",
    ),
    (
        "`include` in a circle",
        "ends the process",
        "an error with its place",
    ),
    (
        "files that are not UTF-8",
        "rendered as bytes",
        "refused",
    ),
    (
        "a value kept by `set` for the next template that is no text, number, list or map",
        "kept",
        "an error",
    ),
    (
        "lists of one type (`splitList`) kept by `set`",
        "keep their Go type",
        "are lists of any type in the next template",
    ),
    (
        "methods of Go values (`(semver .v).Major`)",
        "refused by kops 1.35 and later",
        "work, as in kops before",
    ),
    (
        "a file of more than a megabyte, more than 2,000 files",
        "read",
        "refused",
    ),
    (
        "a template that takes more than 10 s of processor time or 3 GiB, or prints over 32 MiB",
        "goes on until the machine ends it",
        "an error with its file",
    ),
    (
        "`~` in paths",
        "is the home folder",
        "is left to the shell",
    ),
    (
        "`--out`",
        "leaves half a file where it fails",
        "replaces the file as a whole",
    ),
)
"""What, what kops does, and what happens here."""


BELOW_FUNCTIONS = """\
What they do stands in the documentation of [sprig](https://masterminds.github.io/sprig/) and of
[text/template](https://pkg.go.dev/text/template). Helm's own (`toYaml`, `tpl`, `required`,
`lookup` ...) are none of kops and are refused."""


def page() -> str:
    """Return the whole page."""
    lines = [INTRODUCTION, "## Functions", "", "| subject | functions |", "|---|---|"]
    for subject, names in FUNCTIONS.items():
        lines.append(f"| {subject} | {_listed(names)} |")
    lines += [
        "",
        BELOW_FUNCTIONS,
        "",
        "## Refused functions",
        "",
        "| functions | why | instead |",
        "|---|---|---|",
    ]
    for names, (wrong, instead) in REFUSED.items():
        lines.append(f"| {_listed(names)} | {wrong} | {instead.replace('|', chr(92) + '|')} |")
    lines += ["", "## Where it differs from kops", "", "| what | kops | here |", "|---|---|---|"]
    lines += [f"| {what} | {there} | {here} |" for what, there, here in DIFFERENCES]
    return "\n".join([*lines, ""])


def _listed(names: str) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names.split()))


if __name__ == "__main__":
    sys.stdout.write(page())
