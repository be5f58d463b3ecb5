"""Where somebody is sent to sign in."""

from __future__ import annotations

import pytest

from kingtide.controllers.ingress.external_auth.signin import location, signin
from kingtide.controllers.ingress.external_auth.urls import NotAskable

PATH = "/cart?a=1&b=é /"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(
            "https://auth.test/start",
            "https://auth.test/start?rd=https://a.test:8443%2Fcart%3Fa%3D1%26b%3D%E9%20%2F",
            id="where to return to is added",
        ),
        pytest.param(
            "https://auth.test/start?x=1",
            "https://auth.test/start?x=1&rd=https://a.test:8443%2Fcart%3Fa%3D1%26b%3D%E9%20%2F",
            id="to other parameters",
        ),
        pytest.param(
            "https://$host/oauth2/start?rd=$escaped_request_uri",
            "https://a.test/oauth2/start?rd=%2Fcart%3Fa%3D1%26b%3D%E9%20%2F",
            id="oauth2-proxy's",
        ),
        pytest.param(
            "$scheme://$http_host/in?rd=/",
            None,
            id="no URL",
        ),
        pytest.param("/in?rd=$scheme", "/in?rd=https", id="a path"),
        pytest.param(
            "https://auth.test/in?lard=1&rd=x", "https://auth.test/in?lard=1&rd=x", id="rd"
        ),
    ],
)
def test_where_a_request_is_sent(written: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(NotAskable):
            signin(written)
        return
    assert location(signin(written), "https", "a.test:8443", PATH) == expected


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("https://auth.test/$request_id", id="unknown variable"),
        pytest.param("https://auth.test/$", id="no variable"),
        pytest.param("javascript:alert(1)", id="another scheme"),
        pytest.param("https://auth.test/a b", id="space"),
        pytest.param("https://auth.test/\r\nSet-Cookie: x", id="newline"),
        pytest.param('https://auth.test/"', id="quote that a URL has not"),
        pytest.param("https://user@auth.test/", id="userinfo"),
        pytest.param("https://", id="no host"),
        pytest.param("https://a.test/" + "a" * 2_048, id="too long"),
    ],
)
def test_what_is_no_url_is_refused(written: str) -> None:
    with pytest.raises(NotAskable):
        signin(written)
