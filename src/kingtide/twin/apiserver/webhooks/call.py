"""One call of an admission webhook, over HTTPS with the entry's own authorities.

Only addresses of this machine are called: services and names of a cluster cannot be resolved by
one that is simulated, and nobody's configuration shall have this process call the world.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import ssl
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import msgspec

from kingtide.twin.apiserver.webhooks.registered import Entry

LONGEST_SECONDS = 30
"""The API's own limit of `timeoutSeconds`."""
MAX_ANSWER_BYTES = 16 << 20
"""A patch of an object of 3 MB in base64, and more than that."""


class Failed(Exception):
    """A webhook could not be asked, or answered what is no answer; the message says why."""


class Status(msgspec.Struct, frozen=True):
    """Why something is refused."""

    code: int = 403
    reason: str = ""
    message: str = ""


class Answer(msgspec.Struct, rename="camel", frozen=True):
    """What a webhook says of an object."""

    uid: str
    allowed: bool
    status: Status | None = None
    patch: str = ""
    patch_type: str = ""
    warnings: tuple[str, ...] = ()


class _Review(msgspec.Struct, rename="camel", frozen=True):
    api_version: str
    kind: str
    response: Answer


async def call(entry: Entry, review: dict[str, Any]) -> Answer:
    """Return a webhook's answer, within its own time.

    Raises:
        Failed: it could not be asked, or the answer is none.
    """
    url = _address(entry)
    content = msgspec.json.encode(review)
    seconds = min(max(1, entry.timeout_seconds), LONGEST_SECONDS)
    try:
        async with asyncio.timeout(seconds):
            written = await asyncio.to_thread(_post, url, content, entry, seconds)
    except TimeoutError as error:
        raise Failed(f"context deadline exceeded after {seconds}s") from error
    try:
        found = msgspec.json.decode(written, type=_Review)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Failed(f"the answer is no AdmissionReview ({error})") from error
    wanted = review["request"]["uid"]
    if found.response.uid != wanted:
        raise Failed(f"expected response.uid={wanted!r}, got {found.response.uid[:80]!r}")
    return found.response


def _address(entry: Entry) -> str:
    config = entry.client_config
    if config.service is not None:
        raise Failed("a Service cannot be called from here; write clientConfig.url")
    parts = urlsplit(config.url)
    if parts.scheme != "https" or not _is_loopback(parts.hostname or ""):
        raise Failed(f"{config.url[:200]!r} is no https address of this machine")
    return config.url


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _post(url: str, content: bytes, entry: Entry, seconds: int) -> bytes:
    try:
        context = ssl.create_default_context(cadata=_authorities(entry.client_config.ca_bundle))
        opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = Request(url, content, headers, method="POST")
        with opener.open(request, timeout=seconds) as response:
            found: bytes = response.read(MAX_ANSWER_BYTES + 1)
    except Exception as error:  # TLS, sockets, HTTP: each has errors of its own
        raise Failed(f"{type(error).__name__}: {error}"[:300]) from error
    if len(found) > MAX_ANSWER_BYTES:
        raise Failed(f"the answer is larger than {MAX_ANSWER_BYTES:,} bytes")
    return found


def _authorities(bundle: str) -> str | None:
    """Return PEM text; None, that is the machine's own authorities, where none is written."""
    return base64.b64decode(bundle).decode("ascii") if bundle else None
