"""The page docs/reference/checks.md, made from what the rules say of themselves.

`python -m kingtide.check.reference` prints it; a test tells when it is old.
"""

from __future__ import annotations

import sys

from kingtide.check.registry import FAMILIES, RULES
from kingtide.check.rule import Example, Rule

_HEAD = """\
# Checks

`kingtide check [DIR]` runs these over a fleet; [the concepts](../concepts/checks.md) tell how to
select and waive them. This page is made from the rules, which are tests as well: each failing
example has that finding, each passing one has none at all. Examples lie over a small good fleet,
as `clusters/prod.yaml` over its class. An **error** ends the command with 1; a **warning** does so
with `--strict`.
"""


def page() -> str:
    """Return the page's text."""
    lines = [_HEAD]
    for family, title in FAMILIES.items():
        rules = [rule for rule in RULES if rule.code.startswith(family)]
        if rules:
            lines += [f"## {family}: {title}\n", "| code | finding | severity |", "|---|---|---|"]
            lines += [
                f"| [{it.code}](#{it.code.lower()}) | {it.title} | {it.severity} |" for it in rules
            ]
            lines.append("")
            lines += [_section(rule) for rule in rules]
    return "\n".join(lines)


def explained(rule: Rule) -> str:
    """Return a rule as plain text for a terminal."""
    return (
        f"{rule.code} ({rule.severity}): {rule.title}\n\n{rule.why}\nSource: {rule.source}\n\n"
        f"Found in:\n\n{_indented(rule.failing)}\nNot in:\n\n{_indented(rule.passing)}"
    )


def _section(rule: Rule) -> str:
    return (
        f"### {rule.code}\n\n**{rule.title}** ({rule.severity}). {rule.why}\n\n"
        f"Source: {rule.source}\n\nFound in:\n\n```yaml\n{_shown(rule.failing)}```\n\n"
        f"Not in:\n\n```yaml\n{_shown(rule.passing)}```\n"
    )


def _indented(example: Example) -> str:
    return "".join(f"    {line}".rstrip() + "\n" for line in _shown(example).splitlines())


def _shown(example: Example) -> str:
    """Return what an example adds to the good fleet, each file under its name."""
    parts = []
    if example.spec or not example.files:
        spec = example.spec.strip("\n") or "# as the good fleet"
        named = "# clusters/prod.yaml, spec:\n" if example.spec else ""
        parts.append(f"{named}{spec}\n")
    for path, text in example.files.items():
        parts.append(f"# {path}\n{text.rstrip()}\n" if text else f"# without {path}\n")
    return "---\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
