"""Whatever stands in templates, snippets and values, it is rendered or told with its place."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.kops_dialect import Source
from kingtide.migration.rendering import joined, render, snippets_by_name
from kingtide.migration.values import read_values

TEMPLATE = """\
{{- define "name" }}{{ .clusterName | lower | quote }}{{ end -}}
{{- range $index, $group := .spot_nodes }}
---
kind: InstanceGroup
metadata:
  name: {{ include "name" $ }}
spec:
  maxSize: {{ $group.max }}
  mixedInstancesPolicy:
    instances:
    {{ if eq $index "4x_32Gb" }}
    {{ include "types.yaml" $ | indent 4 }}
    {{ else }}{{ fail (printf "no types for %s" $index) }}{{ end }}
{{- end }}
{{/* the end */}}
"""
SNIPPET = "- c5.4xlarge\n{{ range keys .tags }}- {{ . }}\n{{ end }}"
VALUES = """\
clusterName: prod
tags: {a: 1, b: "2"}
spot_nodes:
  4x_32Gb: {az: [a, b], min: 1, max: 100}
"""
PIECES = (
    "{{", "}}", "{{-", "-}}", " ", "\n", '"', "`", "'", "(", ")", "|", ".", "$", ":=", "end", "if",
    "else", "define", "block", "template", "include", "indent", "keys", "fromJson", "fail", "env",
    "now", "nil", "1", "-1", "1e9", "[", "]", "{", "}", ":", ",", "*a", "&a", "\t", "\0", "é", "<<",
    "---\n", "/*", "*/", ".no", "index", "range", "slice", "\\", "toYaml", "mainTemplate",
)  # fmt: skip
PLACED = re.compile(r"(t\.tpl|types\.yaml|v\.yaml|--values)(:\d+:\d+)?: \S")


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Draw a text with up to three pieces dropped, doubled or put in."""
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 8)))
        text = text[:at] + draw(st.sampled_from(("", text[at:until] * 2, *PIECES))) + text[until:]
    return text


def outcome(template: str, snippet: str, values: str, *, strict: bool, formatted: bool) -> str:
    """Render, or return what is told instead."""
    try:
        known, _ = snippets_by_name([Source("", "types.yaml", snippet)])
        read = read_values([Source("", "v.yaml", values)])
        found = render([Source("", "t.tpl", template)], known, read, fail_on_missing=strict)
        return "rendered " + joined(found, format_yaml=formatted)
    except Mistakes as error:
        for line in error.all:
            assert PLACED.match(str(line)), line
            assert line.wrong
            assert line.place.line <= max(it.count("\n") + 2 for it in (template, snippet, values))
        return f"told {error}"


@settings(max_examples=400)
@given(mutated(TEMPLATE), mutated(SNIPPET), mutated(VALUES), st.booleans(), st.booleans())
def test_a_faulty_file_is_told_with_its_place(
    template: str, snippet: str, values: str, strict: bool, formatted: bool
) -> None:
    first = outcome(template, snippet, values, strict=strict, formatted=formatted)
    assert first == outcome(template, snippet, values, strict=strict, formatted=formatted)


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), st.binary(max_size=40))
def test_any_text_is_rendered_or_told_with_its_place(text: str, content: bytes) -> None:
    values = content.decode("utf-8", errors="replace")
    outcome(text, "", VALUES, strict=True, formatted=True)
    outcome(TEMPLATE, "", values, strict=False, formatted=False)


def test_the_template_that_is_mutated_is_right() -> None:
    assert outcome(TEMPLATE, SNIPPET, VALUES, strict=True, formatted=True) == (
        "rendered kind: InstanceGroup\nmetadata:\n  name: prod\nspec:\n  maxSize: 100\n"
        "  mixedInstancesPolicy:\n    instances:\n    - c5.4xlarge\n    - a\n    - b\n"
    )
