"""Go's template engine with sprig, and Go's YAML: the only module that knows whose they are.

Both are the real ones, as part of Helm's SDK in a native library: a chart made in memory holds the
templates, and one template beside them calls the first with the values. The library is asked by
its own calls, since its public `render` cannot make a missing key an error, and in a process of its
own (`bounded_engine`).

Source: https://pypi.org/project/helm-python-sdk/0.2.2/ (Helm SDK v4.2.3).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence

import msgspec

from kingtide.migration.bounded_engine import EngineRefused, Exhausted, rendered, yaml_as_json
from kingtide.migration.engine_process import FOLDER
from kingtide.migration.go_literals import Value, go_literal, quoted

_FILE = re.compile(re.escape(FOLDER) + r"_(\d+)\.tpl:(\d+)(?::(\d+))?")
_CALL = re.compile(r'^\)?:?\s*(?:executing (?:"[^"\n]*"|\S+) at <.*?>:\s*)?', re.DOTALL)
_ERROR_CALLING = re.compile(r"^error calling [\w]+:\s*")


class EngineError(Exception):
    """The engine refuses; `message` in its words, one line.

    `text` is the position, in what was given, of the text in which it is, None where in none;
    `line` counts from 1, `column_bytes` from 0 and is None where the engine does not know.
    """

    def __init__(
        self,
        message: str,
        text: int | None = None,
        line: int = 0,
        column_bytes: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.line = line
        self.column_bytes = column_bytes


class Executed(msgspec.Struct, frozen=True):
    """What a template printed, and what it left of its values: an expression like that given."""

    text: str
    values: str


# Templates can change their values (`set . "key" 1`), and kops hands them on as they are.
_LITERAL = """\
{{- define "/literal" -}}
{{- if kindIs "map" . -}}
(dict{{ range $key, $item := . }} {{ printf "%q" $key }} {{ include "/literal" $item }}{{ end }})
{{- else if kindIs "slice" . -}}
(list{{ range . }} {{ include "/literal" . }}{{ end }})
{{- else if kindIs "string" . }}{{ printf "%q" . }}
{{- else if kindIs "invalid" . }}nil
{{- else if kindIs "float64" . -}}
{{ $text := printf "%v" . }}{{ $text }}{{ if not (regexMatch "[.e]" $text) }}.0{{ end }}
{{- else if or (kindIs "bool" .) (kindIs "int" .) }}{{ . }}
{{- else if kindIs "int64" . }}(int64 {{ . }})
{{- else -}}
(fail "the template before set a value of a kind that cannot be handed on ({{ kindOf . }})")
{{- end -}}
{{- end -}}
"""


def execute(
    texts: Sequence[str], rules: str, name: str, values: str, *, fail_on_missing: bool
) -> Executed:
    """Run the template `name`, which one of the texts defines, with the values as its context.

    `rules` is a text of our own, whose places nobody is told; `values` is an expression
    (`go_literal`, or what another execution left).

    Raises:
        EngineError: the engine refuses a text, or fails while running it.
    """
    entry = (
        f"{{{{- $values := {values} -}}}}{{{{ include {quoted(name)} $values | b64enc }}}}"
        ' {{ include "/literal" $values | b64enc }}'
    )
    files = {f"_{index}.tpl": text for index, text in enumerate(texts)}
    files |= {"_rules.tpl": rules, "_literal.tpl": _LITERAL, "entry": entry}
    printed = _render(files, strict=fail_on_missing)
    # Encoded, because Helm takes "<no value>" out of what it renders, and kops does not.
    text, _, left = printed.partition(" ")
    try:
        return Executed(_decoded(text), _decoded(left))
    except (binascii.Error, UnicodeDecodeError) as error:
        raise EngineError("printed what is not UTF-8 text") from error


def printed_as_go_does(value: Value) -> str:
    """Return a value as Go's `%v` prints it."""
    return _decoded(_render({"entry": f'{{{{ printf "%v" {go_literal(value)} | b64enc }}}}'}))


def to_yaml(value: Value) -> str:
    """Return a map as sigs.k8s.io/yaml writes it: keys sorted."""
    return _decoded(_render({"entry": f"{{{{ toYaml {go_literal(value)} | b64enc }}}}"})) + "\n"


def from_yaml(text: str) -> dict[str, Value]:
    """Return a map as sigs.k8s.io/yaml reads it: YAML 1.1, keys as text, numbers floating.

    Raises:
        EngineError: it is no YAML, or no map; with the line where the reader knows one.
    """
    if "\0" in text:  # where a C string ends
        before = text[: text.index("\0")]
        raise EngineError("control characters are not allowed", line=before.count("\n") + 1)
    try:
        found = json.loads(yaml_as_json(text))
        return {key: _floating(value) for key, value in found.items()}
    except Exhausted as error:
        raise EngineError(str(error)) from error
    except (EngineRefused, RecursionError) as error:
        message = _one_line(str(error))
        line = re.search(r"line (\d+)", message)
        if "cannot unmarshal" in message:
            message = "is not a map"
        message = message.rsplit("yaml: ", 1)[-1]
        message = re.sub(r"^line \d+: ", "", message)
        raise EngineError(message, line=int(line[1]) if line else 0) from error


def _floating(value: object) -> Value:
    """Return a JSON value with every number as Go has it that decodes one into `any`."""
    match value:
        case None | bool() | str():
            return value
        case int() | float():
            return float(value)
        case dict():
            return {str(key): _floating(item) for key, item in value.items()}
        case list():
            return [_floating(item) for item in value]
    raise TypeError(f"JSON has no {type(value)}")  # a defect of ours


def _render(templates: Mapping[str, str], *, strict: bool = False) -> str:
    """Return what the template `entry` of a chart of these prints."""
    try:
        return rendered(templates, strict=strict)
    except EngineRefused as error:
        raise _located(str(error)) from error
    except Exhausted as error:
        raise EngineError(f"{error}; bound what it repeats") from error


def _decoded(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


def _located(message: str) -> EngineError:
    """Return the engine's error with the innermost of the texts given in its chain of calls."""
    places = list(_FILE.finditer(message))
    if not places:
        return EngineError(_told(message))
    last = places[-1]
    rest = message[last.end() :]
    column = None if last[3] is None else int(last[3])
    return EngineError(_told(_CALL.sub("", rest, count=1)), int(last[1]), int(last[2]), column)


def _told(message: str) -> str:
    # Below the innermost text of a user there may be calls of our own rules.
    message = re.split(re.escape(FOLDER) + r"\S+?:\d+:\d+", message)[-1]
    message = _one_line(_CALL.sub("", message, count=1))
    while _ERROR_CALLING.match(message):
        message = _ERROR_CALLING.sub("", message, count=1)
    return message.rstrip(": ") or "cannot be rendered"


def _one_line(message: str) -> str:
    return " ".join(message.split())
