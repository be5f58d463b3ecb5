"""What a client asks for beside the path: query parameters and the form it accepts.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request

Form = Literal["plain", "table", "metadata"]
"""The objects themselves, a table of them, or their metadata alone."""
Included = Literal["None", "Metadata", "Object"]
"""What a table's rows carry of their object."""
_INCLUDED: Mapping[str, Included] = {it: it for it in get_args(Included)}

MAX_TIMEOUT_SECONDS = 3_600
DEFAULT_TIMEOUT_SECONDS = 1_800
"""kube-apiserver ends watches after 30 to 60 minutes (--min-request-timeout)."""


class ReadOptions(msgspec.Struct, frozen=True):
    """The parameters of a get, list or watch; `revision` None where none is asked for."""

    label_selector: str = ""
    field_selector: str = ""
    is_watch: bool = False
    limit: int = 0
    continues: str = ""
    revision: int | None = None
    match: str = ""
    timeout_seconds: int | None = None
    wants_bookmarks: bool = False
    wants_initial_events: bool = False
    form: Form = "plain"
    included: Included = "Metadata"


def read_options(query: Mapping[str, str], accept: str) -> ReadOptions:
    """Return what the parameters and the Accept header ask for.

    Raises:
        ApiRefusal: 400, a parameter is none; 406, no form that it accepts is served.
    """
    wanted = query.get("includeObject", "Metadata")
    included = _INCLUDED.get(wanted)
    if included is None:
        raise bad_request(f"unrecognized includeObject value: {wanted!r}")
    return ReadOptions(
        label_selector=query.get("labelSelector", ""),
        field_selector=query.get("fieldSelector", ""),
        is_watch=_flag(query, "watch"),
        limit=_number(query, "limit") or 0,
        continues=query.get("continue", ""),
        revision=_number(query, "resourceVersion"),
        match=query.get("resourceVersionMatch", ""),
        timeout_seconds=_number(query, "timeoutSeconds"),
        wants_bookmarks=_flag(query, "allowWatchBookmarks"),
        wants_initial_events=_flag(query, "sendInitialEvents"),
        form=accepted_form(accept),
        included=included,
    )


def accepted_form(accept: str) -> Form:
    """Return the first form of an Accept header that is served here: JSON of some kind.

    Raises:
        ApiRefusal: 406, there is none (protobuf, CBOR).
    """
    for part in accept.split(",") if accept else ["*/*"]:
        kind, *parameters = (it.strip() for it in part.split(";"))
        if kind not in ("application/json", "application/*", "*/*"):
            continue
        wanted = dict(it.partition("=")[::2] for it in parameters)
        match wanted.get("as", ""):
            case "":
                return "plain"
            case "Table" if wanted.get("v", "v1") == "v1":
                return "table"
            case "PartialObjectMetadata" | "PartialObjectMetadataList":
                return "metadata"
    raise ApiRefusal(
        406, "NotAcceptable", "only the following media types are accepted: application/json"
    )


def _flag(query: Mapping[str, str], name: str) -> bool:
    return query.get(name, "").lower() in ("1", "true", "t")


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise bad_request(f"Invalid value: {text!r}: {name} must be a number that is not negative")
    return int(text)
