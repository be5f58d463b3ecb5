"""What auth-url and its like write."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.controllers.ingress.annotations.families import found_in
from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.services import Service, ServicePort

URL = "http://auth.shop.svc/auth"


def found(written: Mapping[str, str]) -> Found:
    view = TrafficView(services={"shop/auth": Service("shop", "auth", ports=(ServicePort(80),))})
    return found_in(Scope("shop", {}, written, {}, view, IngressPolicy()))


def _phase(it: Directive) -> int:
    return it.phase


def lines(it: Found) -> list[str]:
    return [" ".join(map(str, one.words)) for one in sorted(it.directives, key=_phase)]


def test_a_backend_has_its_requests_asked_about() -> None:
    it = found({"auth-url": URL, "auth-response-headers": "X-User"})
    assert it.external_auth is not None
    assert not it.problems
    rules = lines(it)
    asked = rules.index("http-request send-spoe-group kingtide-auth asked")
    named = f"http-request set-var(txn.kingtide_auth_name) str({it.external_auth.name})"
    assert rules[asked - 1] == named
    closed = (
        "http-request deny deny_status 503 unless { var(txn.kingtide_auth.verdict) -m str allowed }"
    )
    last = rules.index(closed)
    assert asked < last < rules.index("http-request del-header ^x[^a-z0-9]user$ -m reg")
    header = "var(txn.kingtide_auth.header0)"
    copied = f"http-request set-header x-user %[{header}] if {{ {header} -m found }}"
    assert rules.index(copied) == rules.index("http-request del-header ^x[^a-z0-9]user$ -m reg") + 1
    assert not [it for it in rules if " 302 " in it]


def test_who_is_not_known_is_sent_to_sign_in() -> None:
    it = found({"auth-url": URL, "auth-signin": "https://$host/start"})
    sent = [line for line in lines(it) if "status 302" in line]
    assert len(sent) == 1
    assert "Location %[var(txn.kingtide_auth.location)]" in sent[0]


def test_redirects_come_before_the_question_and_headers_after_it() -> None:
    rules = lines(
        found({"auth-url": URL, "ssl-redirect": "true", "request-set-header": "X-User me"})
    )
    redirect = next(place for place, it in enumerate(rules) if " redirect " in it)
    asked = rules.index("http-request send-spoe-group kingtide-auth asked")
    assert redirect < asked < rules.index("http-request set-header X-User me")


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"auth-url": "http://auth.other.svc/"}, id="somebody else's Service"),
        pytest.param({"auth-url": "http://gone.shop.svc/"}, id="no Service"),
        pytest.param({"auth-url": URL, "auth-method": "get"}, id="method"),
        pytest.param({"auth-url": URL, "auth-signin": "javascript:x"}, id="where to sign in"),
        pytest.param({"auth-url": URL, "auth-response-headers": "Host"}, id="the host"),
        pytest.param({"auth-url": URL, "auth-response-headers": "a b"}, id="no header"),
        pytest.param(
            {"auth-url": URL, "auth-response-headers": ",".join(f"x-{it}" for it in range(21))},
            id="many headers",
        ),
        pytest.param({"auth-signin": "https://s.test/"}, id="sign in without a question"),
        pytest.param({"auth-response-headers": "X-User"}, id="headers without a question"),
    ],
)
def test_what_is_wrong_lets_nobody_in_and_asks_nobody(written: Mapping[str, str]) -> None:
    it = found(written)
    assert it.external_auth is None
    assert "http-request deny deny_status 503" in lines(it)
    assert it.problems


def test_connections_that_pass_through_let_nobody_in() -> None:
    it = found({"auth-url": URL, "ssl-passthrough": "true"})
    assert lines(it) == ["tcp-request content reject"]
    assert it.problems
