from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.kops_dialect import Source
from kingtide.migration.rendering import Rendered, joined, snippets_by_name, value_text
from kingtide.migration.values import read_values
from tests.unit.migration.inputs import rendered, told

# kops docs/operations/cluster_template.md
ETCD = """\
etcd:
- name: main
  members: [a1, b1]
- name: events
  members: [a1, b1]
"""


def test_values_stand_where_the_template_names_them() -> None:
    assert rendered("hello {{ .hello }}\n", values="hello: world\n") == "hello world\n"


def test_a_snippet_is_a_template_with_the_context_it_is_given() -> None:
    cluster = (
        "{{- range .etcd -}}\n- name: {{ .name }}\n"
        '  members: {{ .members | join "," }}\n{{ end -}}\n'
    )
    text = 'cluster:\n{{ include "cluster" . -}}\n'
    assert rendered(text, values=ETCD, snippets={"cluster": cluster}) == (
        "cluster:\n- name: main\n  members: a1,b1\n- name: events\n  members: a1,b1\n"
    )


def test_indent_leaves_the_first_line_and_empty_lines_alone() -> None:
    unit = "[Unit]\nName: somename\n\n[Service]\nThis is a service\n"
    text = 'manifest: |\n  {{ include "unit" . | indent 2 -}}\n'
    assert rendered(text, snippets={"unit": unit}) == (
        "manifest: |\n  [Unit]\n  Name: somename\n\n  [Service]\n  This is a service\n"
    )


@pytest.mark.parametrize(
    ("template", "printed"),
    [
        ('{{ indent 2 "a\\nb" }}', "a\n  b"),
        ('{{ "a\\nb" | indent 2 | upper }}', "A\n  B"),
        ('{{ $x := indent 2 "a\\nb" }}{{ $x }}', "a\n  b"),
        ('{{ quote (indent 2 "a\\nb") }}', '"a\\n  b"'),
        ('{{ if indent 2 "" }}yes{{ else }}no{{ end }}', "no"),
        ('{{ with indent 0 "a\\nb" }}{{ . }}{{ end }}', "a\nb"),
        ('{{ "a\\nb" | indent -2 }}', "a\n  b"),  # as Go's %-2s
        ("{{ /* indent */}}x", None),
        ('{{ "indent 2" }}', "indent 2"),
        ("{{ `a\nb` | indent 2 }}", "a\n  b"),
    ],
)
def test_indent_is_kops_own_wherever_it_stands(template: str, printed: str | None) -> None:
    if printed is None:
        assert "t1.tpl:1:" in told(template)
    else:
        assert rendered(template) == printed


def test_numbers_of_files_are_floating_and_those_of_set_are_whole() -> None:
    text = "{{ .a }} {{ .b }} {{ kindOf .a }} {{ kindOf .b }}"
    found = rendered(text, values="a: 1000000\n", settings=("b=1000000",))
    assert found == "1e+06 1000000 float64 int64"


def test_a_null_stays_a_value() -> None:
    assert rendered('{{ hasKey . "a" }} {{ .a }}', values="a: ~\n") == "true <no value>"


def test_a_missing_key_is_an_error_even_below_default() -> None:
    assert told('x: {{ default "a" .b }}\n', values="a: 1") == (
        't1.tpl:1:19: map has no entry for key "b";'
        " give it in --values, or use --fail-on-missing=false"
    )


def test_a_missing_key_prints_what_go_prints_when_that_is_allowed() -> None:
    text = '{{ .b }} {{ default "a" .b }}'
    assert rendered(text, fail_on_missing=False) == "<no value> a"


def test_documents_are_joined_and_empty_templates_left_out() -> None:
    found = rendered("a: 1\n", "{{ if false }}x{{ end }}", "---\nb: 1\n---\nc: 1\n")
    assert found == "a: 1\n---\n---\nb: 1\n---\nc: 1\n"


def test_formatting_sorts_keys_and_drops_comments_and_empty_documents() -> None:
    text = "# what it is\nb: on\na: [1000000, 010, ~]\n---\n---\nc: '1'\n"
    assert rendered(text, format_yaml=True) == (
        'a:\n- 1000000\n- 8\n- null\nb: true\n---\nc: "1"\n'
    )


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a: 1\n---\nb:\n\t c\n", "its document 2, line 2 is not valid YAML: found character"),
        ("- a\n", "its document 1 is not valid YAML: is not a map"),
    ],
)
def test_a_document_that_cannot_be_formatted_is_named(text: str, wrong: str) -> None:
    with pytest.raises(Mistakes) as caught:
        joined([Rendered("t.tpl", text)], format_yaml=True)
    assert str(caught.value).startswith(f"t.tpl: {wrong}")


def test_what_a_template_sets_the_next_one_sees_with_its_type() -> None:
    first = '{{ $_ := set . "made" (dict "n" (add 1 1) "f" .f "l" (list "é" nil true)) }}{{ "" }}'
    text = "{{ .made }} {{ kindOf .made.n }} {{ kindOf .made.f }} {{ index .made.l 0 }}"
    assert rendered(first, text, values="f: 2000000\n") == (
        "map[f:2e+06 l:[é <nil> true] n:2] int64 float64 é"
    )


def test_a_template_may_define_templates_of_the_same_name_as_another_one() -> None:
    text = '{{- define "x" -}}%s{{ .a }}{{- end -}}\n<{{ include "x" . }}{{ template "x" . }}>'
    assert rendered(text % "1", text % "2", values="a: z\n") == "<1z1z>---\n<2z2z>"


def test_a_template_defined_in_two_files_is_refused() -> None:
    found = told('{{ include "b" . }}', snippets={"a": '{{ define "b" }}1{{ end }}', "b": "2"})
    assert found == (
        "snippets/b:1:1: template 'b' is defined in snippets/a too (line 1);"
        " rename one: kops would take either"
    )


def test_the_later_snippet_of_a_name_wins_and_a_sentence_says_so() -> None:
    files = [Source("", f"{folder}/x.yaml", folder) for folder in ("one", "two")]
    found, sentences = snippets_by_name(files)
    assert found["x.yaml"].text == "two"
    assert sentences == ("two/x.yaml replaces one/x.yaml: both are 'x.yaml'",)


def test_a_snippet_may_not_have_the_templates_name() -> None:
    with pytest.raises(Mistakes, match="s/mainTemplate: no snippet may be named mainTemplate"):
        snippets_by_name([Source("", "s/mainTemplate", "")])


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("a\n  {{ .b.c }}", '2:8: map has no entry for key "c"'),
        ('\n{{ include "no" . }}', '2:4: there is no snippet "no"; name it by its file'),
        ('\n {{ template "no" . }}', '2:14: there is no snippet "no"'),
        ('é {{ include "s" 3 }}', "1:6: include needs a map as its context, not a int"),
        ('{{ include "s" }}', "1:4: include takes a name and a context"),
        ('{{ indent "x" "y" }}', "1:4: wrong type for value; expected int; got string"),
        ("{{ indent 1 3 }}", "1:4: wrong type for value; expected string; got int"),
        ('{{ fail "not so" }}', "1:4: not so"),
        ("{{ div 1 0 }}", "1:4: runtime error: integer divide by zero"),
        ("a\n{{ if }}", "2:1: missing value for if"),
        ("{{ if .b }}\n", "2:1: unexpected EOF"),
        ("a {{ .b", "1:3: this action does not end"),
        ('a\n{{ "b\n" }}', '2:4: this text does not end; write " at its end, in the same line'),
        ("{{/* a", "1:1: this comment does not end"),
        ("{{ .b # }}", "1:7: '#' is no part of a template's action"),
        ('{{ env "HOME" }}', "1:4: env reads the environment"),
        ("a\n {{ now | date `06` }}", "2:5: now reads the clock"),
        ("{{ $a := uuidv4 }}", "1:10: uuidv4 gives something else each time"),
        ('{{ ChannelRecommendedImage "aws" "1" }}', "1:4: ChannelRecommendedImage downloads"),
        ("{{ toYaml . }}", "1:4: toYaml is Helm's: kops has no such function"),
        ("{{ lowr .b }}", "1:4: there is no function 'lowr'; did you mean 'lower'?"),
        ('{{ include "loop" . }}', "templates include each other without end"),
        ('{{ template "round" . }}', "templates include each other without end"),
    ],
)
def test_a_mistake_is_told_in_the_users_own_line(template: str, wrong: str) -> None:
    loops = {"loop": '{{ include "loop" . }}', "round": '{{ template "round" . }}', "s": ""}
    found = told(template, values="b: {}\n", snippets=loops)
    assert wrong in found
    assert wrong.startswith("templates") or found.startswith(f"t1.tpl:{wrong}")


def test_a_mistake_within_a_snippet_is_told_there() -> None:
    snippet = '{{- define "deep" }}\n  {{ .no }}{{ end }}\nx\n{{ include "deep" . }}'
    assert told('{{ include "s" . | indent 2 }}', snippets={"s": snippet}).startswith(
        'snippets/s:2:6: map has no entry for key "no"'
    )


def test_every_refused_function_is_told_at_once() -> None:
    found = told('{{ env "A" }}\n{{ now }}', snippets={"s": "{{ uuidv4 }}"}).splitlines()
    assert [line.partition(" ")[0] for line in found] == [
        "snippets/s:1:4:", "t1.tpl:1:4:", "t1.tpl:2:4:",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "printed"),
    [("a", "map[b:[1 <nil>]]"), ("c", "<nil>"), ("d", "null"), ("e", "1e+06")],
)
def test_one_value_is_printed_as_go_prints_it(key: str, printed: str) -> None:
    values = read_values([Source("", "v", "a: {b: [1, ~]}\nc: ~\ne: 1000000\n")])
    assert value_text(values, key) == printed


def test_the_reference_page_is_current(repository: Path) -> None:
    from kingtide.migration.reference import page

    path = repository / "docs" / "reference" / "render.md"
    hint = "python -m kingtide.migration.reference > docs/reference/render.md"
    assert path.read_text(encoding="utf-8") == page(), f"make it anew: {hint}"
