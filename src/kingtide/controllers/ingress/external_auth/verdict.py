"""What becomes of a request after the answer: the variables that HAProxy's rules look at.

2xx lets it in, 401 and 403 keep it out, as with ingress-nginx; whatever else is no answer, and then
nobody comes in. Source: http://nginx.org/en/docs/http/ngx_http_auth_request_module.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kingtide.controllers.ingress.external_auth.question import Headers, Shown, is_value, joined
from kingtide.controllers.ingress.external_auth.settings import (
    MAX_COOKIES,
    AuthSettings,
    cookie_variable,
    header_variable,
)
from kingtide.controllers.ingress.external_auth.signin import location

Verdict = Literal["allowed", "401", "403", "signin", "failed"]

Variables = Mapping[str, str]
"""By their names without the prefix."""

VERDICT, LOCATION, CHALLENGE = "verdict", "location", "challenge"
FAILED: Variables = {VERDICT: "failed"}
"""Of a service that gave no answer: nobody comes in."""
MAX_VALUE = 8_192
"""Characters of a header that goes on: half of HAProxy's usual buffer."""


def variables(settings: AuthSettings, shown: Shown, status: int, headers: Headers) -> Variables:
    """Return the variables of an answer; one that cannot be passed on whole is none."""
    if not 200 <= status <= 299 and status not in (401, 403):
        return FAILED
    found = {VERDICT: "allowed" if status < 300 else str(status), **_cookies(headers)}
    if status < 300:
        for place, name in enumerate(settings.response_headers):
            values = [value for key, value in headers if key.lower() == name]
            if values and any(values):
                found[header_variable(place)] = joined(values)
    elif status == 401 and settings.signin and shown.host:
        found[VERDICT] = "signin"
        found[LOCATION] = location(settings.signin, shown.scheme, shown.host, shown.path)
    elif status == 401:
        values = [value for key, value in headers if key.lower() == "www-authenticate"]
        if values:
            found[CHALLENGE] = joined(values)
    is_whole = sum(key.lower() == "set-cookie" for key, _ in headers) <= MAX_COOKIES
    can_be_told = all(len(it) <= MAX_VALUE and is_value(it) for it in found.values())
    return found if is_whole and can_be_told else FAILED


def _cookies(headers: Headers) -> Mapping[str, str]:
    values = [value for key, value in headers if key.lower() == "set-cookie"]
    return {cookie_variable(place): it for place, it in enumerate(values[:MAX_COOKIES])}
