"""What a service is told of a request."""

from __future__ import annotations

import pytest

from kingtide.controllers.ingress.external_auth.question import (
    NotShown,
    Shown,
    headers_of,
    is_copied,
    lookalikes,
    question,
)
from kingtide.controllers.ingress.external_auth.settings import AuthSettings

SETTINGS = AuthSettings("shop", "http", "auth.shop.svc", 4180, "/auth")


def sent(text: str, method: str = "GET", *, is_tls: bool = False) -> dict[str, str]:
    shown = Shown("POST", "/a?b", "10.0.0.9", is_tls, headers_of(text))
    settings = AuthSettings("shop", "http", "auth.shop.svc", 4180, "/auth", method)
    found = question(settings, shown)
    assert len({name.lower() for name, _ in found}) == len(found)
    return {name.lower(): value for name, value in found}


def test_a_service_is_told_who_asks_for_what_and_where() -> None:
    found = sent("host: a.test\r\ncookie: s=1\r\nauthorization: Bearer x\r\n\r\n", is_tls=True)
    assert found == {
        "host": "auth.shop.svc:4180",
        "cookie": "s=1",
        "authorization": "Bearer x",
        "x-forwarded-for": "10.0.0.9",
        "x-forwarded-host": "a.test",
        "x-forwarded-method": "POST",
        "x-forwarded-proto": "https",
        "x-forwarded-uri": "/a?b",
        "x-original-method": "POST",
        "x-original-url": "https://a.test/a?b",
        "x-original-uri": "/a?b",
        "x-auth-request-redirect": "/a?b",
        "x-real-ip": "10.0.0.9",
    }


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("content-length: 7", id="body"),
        pytest.param("transfer-encoding: chunked", id="body in parts"),
        pytest.param("expect: 100-continue", id="body to come"),
        pytest.param("connection: x-mine", id="connection"),
        pytest.param("upgrade: websocket", id="upgrade"),
        pytest.param("x-mine: 1\r\nconnection: close, X-Mine", id="named by connection"),
    ],
)
def test_what_is_about_a_connection_or_a_body_is_not_sent(header: str) -> None:
    assert sent(f"host: a.test\r\n{header}\r\n\r\n") == sent("host: a.test\r\n\r\n")


@pytest.mark.parametrize(
    "name", ["x-original-url", "X_Original.URL", "x-real-ip", "x_forwarded_uri", "x-forwarded_host"]
)
def test_nobody_says_for_us_where_a_request_went(name: str) -> None:
    assert sent(f"host: a.test\r\n{name}: evil\r\n\r\n") == sent("host: a.test\r\n\r\n")


def test_a_load_balancer_before_us_says_whose_request_it_is_and_whether_it_had_tls() -> None:
    text = "host: a.test\r\nx-forwarded-for: 1.2.3.4\r\nx-forwarded-proto: https\r\n\r\n"
    found = sent(text)
    assert found["x-forwarded-for"] == "1.2.3.4, 10.0.0.9"
    assert found["x-original-url"] == "https://a.test/a?b"


def test_a_question_with_another_method_says_that_it_has_no_body() -> None:
    assert sent("host: a.test\r\n\r\n", "POST")["content-length"] == "0"


@pytest.mark.parametrize(
    "text",
    [
        "no colon\r\n\r\n",
        ": no name\r\n\r\n",
        "a b: c\r\n\r\n",
        "a: b\nc: d\r\n\r\n",
        "a: \x00\r\n",
    ],
)
def test_headers_that_are_none_are_not_shown(text: str) -> None:
    with pytest.raises(NotShown):
        headers_of(text)


@pytest.mark.parametrize("host", ["a.test/x", "a.test, b.test", "a b", "", "é.test"])
def test_a_host_that_could_not_stand_in_a_url_is_none(host: str) -> None:
    shown = Shown("GET", "/", "10.0.0.9", False, (("host", host),))
    assert shown.host == ""


def test_two_hosts_are_none() -> None:
    assert Shown("GET", "/", "10.0.0.9", False, (("host", "a"), ("Host", "b"))).host == ""


@pytest.mark.parametrize("name", ["host", "content-length", "Content_Length", "connection", "te"])
def test_headers_of_connections_and_bodies_are_never_copied(name: str) -> None:
    assert not is_copied(name)


def test_all_names_that_a_pod_could_take_for_one_are_taken_out() -> None:
    assert lookalikes("X-User") == "^x[^a-z0-9]user$"
