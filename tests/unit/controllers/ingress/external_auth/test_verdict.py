"""What becomes of a request after an answer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.controllers.ingress.external_auth.question import Shown
from kingtide.controllers.ingress.external_auth.settings import AuthSettings
from kingtide.controllers.ingress.external_auth.verdict import variables

COPIED = ("x-user", "x-mail")
PLAIN = AuthSettings("shop", "http", "auth.shop.svc", 80, "/", response_headers=COPIED)
SIGNIN = AuthSettings("shop", "http", "auth.shop.svc", 80, "/", signin="https://s.test/?rd=$host")
SHOWN = Shown("GET", "/a", "10.0.0.9", True, (("host", "a.test"),))
Headers = tuple[tuple[str, str], ...]


@pytest.mark.parametrize(
    ("settings", "status", "headers", "expected"),
    [
        pytest.param(PLAIN, 200, (), {"verdict": "allowed"}, id="in"),
        pytest.param(PLAIN, 204, (), {"verdict": "allowed"}, id="in without a body"),
        pytest.param(
            PLAIN,
            200,
            (("X-User", "bob"), ("X-Other", "no"), ("x-user", "al"), ("X-Mail", "")),
            {"verdict": "allowed", "header0": "bob, al"},
            id="named headers go on",
        ),
        pytest.param(
            PLAIN,
            200,
            (("Set-Cookie", "a=1"), ("set-cookie", "b=2")),
            {"verdict": "allowed", "cookie0": "a=1", "cookie1": "b=2"},
            id="cookies go back",
        ),
        pytest.param(
            PLAIN,
            401,
            (("WWW-Authenticate", "Basic"), ("X-User", "bob")),
            {"verdict": "401", "challenge": "Basic"},
            id="who is it",
        ),
        pytest.param(
            PLAIN, 403, (("Set-Cookie", "a="),), {"verdict": "403", "cookie0": "a="}, id="not in"
        ),
        pytest.param(
            SIGNIN,
            401,
            (("WWW-Authenticate", "Basic"),),
            {"verdict": "signin", "location": "https://s.test/?rd=a.test"},
            id="to sign in",
        ),
        pytest.param(SIGNIN, 403, (), {"verdict": "403"}, id="signing in does not help"),
    ],
)
def test_answers(
    settings: AuthSettings, status: int, headers: Headers, expected: Mapping[str, str]
) -> None:
    assert variables(settings, SHOWN, status, headers) == expected


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        *(pytest.param(it, (), id=str(it)) for it in (101, 199, 300, 302, 304, 400, 404, 500, 503)),
        pytest.param(200, (("X-User", "a\r\nX-Admin: 1"),), id="a header that ends"),
        pytest.param(200, (("X-User", "a\x00"),), id="a byte that is none"),
        pytest.param(200, (("X-User", "a" * 8_193),), id="a large header"),
        pytest.param(200, (("X-User", "a" * 5_000),) * 2, id="large together"),
        pytest.param(200, (("Set-Cookie", "a=1"),) * 9, id="cookies that would be lost"),
        pytest.param(401, (("WWW-Authenticate", "a\n"),), id="a challenge that ends"),
    ],
)
def test_what_is_no_answer_lets_nobody_in(status: int, headers: Headers) -> None:
    assert variables(PLAIN, SHOWN, status, headers) == {"verdict": "failed"}


def test_who_cannot_be_sent_back_is_not_sent_to_sign_in() -> None:
    hostless = Shown("GET", "/a", "10.0.0.9", True, ())
    assert variables(SIGNIN, hostless, 401, ()) == {"verdict": "401"}
