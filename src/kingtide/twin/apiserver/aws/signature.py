"""Who may call: whoever signs with the twin's key, as AWS checks it (Signature Version 4).

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html (read November
2026).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

import msgspec

from kingtide.twin.apiserver.aws.refused import AwsRefusal

ACCESS_KEY_ID = "AKIAKINGTIDETWIN0000"
"""The id of the twin's only key; its secret is the twin's token."""
MAX_SKEW_SECONDS = 900
"""AWS takes a signature for 15 minutes."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(
    rf"{_ALGORITHM} Credential=(?P<key>[^/, ]+)/(?P<day>\d{{8}})/(?P<region>[a-z0-9-]+)"
    r"/(?P<service>[a-z0-9-]+)/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+),"
    r" ?Signature=(?P<signature>[0-9a-f]{64})"
)
_TIME = "%Y%m%dT%H%M%SZ"


class Request(msgspec.Struct, frozen=True):
    """What of a request is signed; `path` and `query` are as they came, headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def signing_service(request: Request, secret: str, now_seconds: float) -> str:
    """Return the service that a request is signed for.

    Raises:
        AwsRefusal: no signature, another key, a wrong or an old one.
    """
    written = request.headers.get("authorization", "")
    if not written:
        raise AwsRefusal("MissingAuthenticationToken", "Request is missing a signature", 403)
    found = _HEADER.fullmatch(written)
    if found is None:
        raise AwsRefusal("IncompleteSignature", "Authorization is no Signature Version 4", 403)
    if not hmac.compare_digest(found["key"].encode(), ACCESS_KEY_ID.encode()):
        raise AwsRefusal(
            "InvalidClientTokenId", "The security token included in the request is invalid.", 403
        )
    at = request.headers.get("x-amz-date", "")
    _check_time(at, found["day"], now_seconds)
    names = found["headers"].split(";")
    if "host" not in names or "x-amz-date" not in names:
        raise AwsRefusal("IncompleteSignature", "host and x-amz-date have to be signed", 403)
    scope = f"{found['day']}/{found['region']}/{found['service']}/aws4_request"
    text = f"{_ALGORITHM}\n{at}\n{scope}\n{_digest(_canonical(request, names))}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    expected = hmac.digest(key, text.encode(), "sha256").hex()
    if not hmac.compare_digest(expected, found["signature"]):
        # AWS adds the canonical text here. It holds a session token, and helps only whoever
        # writes a signer.
        raise AwsRefusal(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check"
            " your AWS Secret Access Key and signing method.",
            403,
        )
    return found["service"]


def _check_time(at: str, day: str, now_seconds: float) -> None:
    try:
        signed_seconds = datetime.strptime(at, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise AwsRefusal("IncompleteSignature", "x-amz-date is missing or no time", 403) from None
    if abs(now_seconds - signed_seconds) > MAX_SKEW_SECONDS or not at.startswith(day):
        raise AwsRefusal("RequestExpired", f"Request has expired: signed at {at}")


def _canonical(request: Request, names: list[str]) -> bytes:
    pairs = parse_qsl(request.query, keep_blank_values=True)
    query = "&".join(sorted(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in pairs))
    headers = "".join(f"{it}:{' '.join(request.headers.get(it, '').split())}\n" for it in names)
    payload = hashlib.sha256(request.body).hexdigest()
    path = quote(request.path, safe="/~")
    return "\n".join((request.method, path, query, headers, ";".join(names), payload)).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
