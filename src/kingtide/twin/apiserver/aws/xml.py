"""Answers in XML: what is a mapping becomes elements, what is a sequence a list of members."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from xml.sax.saxutils import escape

from kingtide.twin.apiserver.aws.refused import AwsRefusal

Value: TypeAlias = "str | int | bool | Mapping[str, Value] | Sequence[Value] | None"
"""None leaves an element out."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What a document may not hold, even escaped (XML 1.0, section 2.2)."""

REPEATED = "#"
"""What follows it in a field's name tells elements of one name apart (SQS' flattened lists)."""


def query_answer(action: str, result: Mapping[str, Value], namespace: str, request_id: str) -> str:
    """Return the answer of a call in the query protocol."""
    inner = "".join(_elements(result, "member"))
    return (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{inner}</{action}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    )


def ec2_answer(action: str, result: Mapping[str, Value], namespace: str, request_id: str) -> str:
    """Return the answer of a call of EC2."""
    inner = "".join(_elements(result, "item"))
    return (
        f'<{action}Response xmlns="{namespace}"><requestId>{request_id}</requestId>{inner}'
        f"</{action}Response>"
    )


def query_error(refusal: AwsRefusal, namespace: str, request_id: str) -> str:
    """Return an error of the query protocol."""
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{refusal.fault}</Type>'
        f"<Code>{refusal.code}</Code><Message>{_text(refusal.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def ec2_error(refusal: AwsRefusal, request_id: str) -> str:
    """Return an error of EC2."""
    return (
        f"<Response><Errors><Error><Code>{refusal.code}</Code>"
        f"<Message>{_text(refusal.message)}</Message></Error></Errors>"
        f"<RequestID>{request_id}</RequestID></Response>"
    )


def iso_seconds(time_ms: int) -> str:
    """Return a time as AWS tells most of them, seconds rounded down: `2020-12-08T20:52:10Z`."""
    return f"{datetime.fromtimestamp(time_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}Z"


def iso_milliseconds(time_ms: int) -> str:
    """Return a time as a scaling activity's start: `2020-12-08T20:52:10.123Z`."""
    return f"{iso_seconds(time_ms)[:-1]}.{time_ms % 1000:03d}Z"


def _elements(fields: Mapping[str, Value], member: str) -> Iterable[str]:
    for key, value in fields.items():
        if value is not None:
            name = key.partition(REPEATED)[0]
            yield f"<{name}>{_content(value, member)}</{name}>"


def _content(value: Value, member: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case Mapping():
            return "".join(_elements(value, member))
        case None:
            return ""
        case _:
            return "".join(f"<{member}>{_content(it, member)}</{member}>" for it in value)


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("?", value))
