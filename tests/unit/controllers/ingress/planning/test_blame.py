from __future__ import annotations

import pytest

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.planning.blame import (
    Closed,
    blamed,
    closed,
    with_closed,
    without_servers,
)

PATH = "/run/trial/haproxy.cfg"
TEXT = """\
global
  nbthread 1

frontend http
  use_backend api if { path /x }

backend web
  mode http
  http-request nonsense

backend api
  mode http
"""
BACKENDS = ("web", "api")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param(f"parsing [{PATH}:9]: unknown", ["web"], id="a line"),
        pytest.param(f"parsing [{PATH}:5]: no", ["api"], id="of a frontend"),
        pytest.param(f"parsing [{PATH}:2]: no", [], id="nobody's line"),
        pytest.param(f"parsing [{PATH}:99]: no", [], id="no line at all"),
        pytest.param("parsing [/etc/x.cfg:9]: no", [], id="another file"),
        pytest.param("backend 'api' : no", ["api"], id="a backend"),
        pytest.param("Proxy 'api': no", ["api"], id="a proxy"),
        pytest.param("'server web/a' : no", ["web"], id="a server"),
        pytest.param(
            f"parsing [{PATH}:9]: no 'backend api' [{PATH}:5] config : 'api'", ["web"], id="a trap"
        ),
        pytest.param(
            f"parsing [{PATH}:9]: no\n[ALERT]    (7) : config : backend 'api' : no",
            ["web", "api"],
            id="two of them",
        ),
    ],
)
def test_a_refusal_is_about_the_backends_whose_lines_and_names_it_tells(
    said: str, found: list[str]
) -> None:
    assert list(blamed(f"[ALERT]    (7) : config : {said}", TEXT, PATH, BACKENDS)) == found


def test_a_warning_is_no_refusal() -> None:
    assert blamed(f"[WARNING]  (7) : config : parsing [{PATH}:9]: no", TEXT, PATH, BACKENDS) == {}


WEB = Backend(
    "web",
    "d/web",
    (Server("a", "10.0.0.1", 80),),
    directives=(Directive(30, ("http-request", "x")),),
)


def test_a_closed_backend_has_no_servers_and_lets_nobody_in() -> None:
    found = closed(WEB)
    assert found.servers == ()
    assert [it.words for it in found.directives] == [("http-request", "deny", "deny_status", "503")]


def test_a_backend_is_open_again_when_something_else_is_asked_for_it() -> None:
    known = {"web": Closed(without_servers(WEB), "no")}
    moved = Backend("web", "d/web", (Server("b", "10.0.0.2", 80),), directives=WEB.directives)
    mended = Backend("web", "d/web", WEB.servers)
    assert with_closed(Desired(backends={"web": moved}), known).backends["web"].servers == ()
    assert with_closed(Desired(backends={"web": mended}), known).backends["web"] == mended
