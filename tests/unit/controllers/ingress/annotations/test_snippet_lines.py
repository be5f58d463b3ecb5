from __future__ import annotations

import pytest

from kingtide.controllers.ingress.annotations.reading import Unreadable
from kingtide.controllers.ingress.annotations.snippet_lines import (
    BACKEND,
    FRONTEND,
    PROCESS,
    STATS,
    snippet,
    words_of,
)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("timeout server 5s", ("timeout", "server", "5s")),
        ("acl a  path /x # why", ("acl", "a", "path", "/x")),
        ("http-request set-header X 'a \"b\" c'", ("http-request", "set-header", "X", 'a "b" c')),
        ('a "b \\" c" d\\ e \\#f', ("a", 'b " c', "d e", "#f")),
        ("a ''", ("a", "")),
        ("# nothing", ()),
    ],
)
def test_a_line_is_read_as_haproxy_reads_it(line: str, words: tuple[str, ...]) -> None:
    assert words_of(line) == words


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("http-send-name-header x-dst-server\nstick on req.cook(sessionid)", BACKEND),
        ("no option httpclose", BACKEND),
        ("unique-id-format %{+X}o\\ %ci:%cp\nunique-id-header X-Unique-ID", FRONTEND),
        ("stats auth foo:test", STATS),
        ("ssl-default-bind-options no-sslv3\ntune.ssl.default-dh-param 2048", PROCESS),
    ],
)
def test_what_may_be_written_is_taken(text: str, section: str) -> None:
    assert len(snippet(text, section)) == len(text.splitlines())


@pytest.mark.parametrize(
    "line",
    [
        "backend evil",
        "frontend evil",
        "global",
        "server evil 10.0.0.9:80",
        "use_backend other",
        "bind :9999",
        "log 10.0.0.9 local0",
        "source 10.0.0.9",
        "filter spoe engine x",
        "errorfile 503 /etc/passwd",
        "http-request return status 200 file /etc/passwd",
        "http-request return status 200 lf-file /etc/passwd",
        "http-request deny errorfiles x",
        "acl a src -f /etc/hosts",
        "http-request set-header X %[env(HOME)]",
        'http-request set-header X "$HOME"',
        "http-request set-map(/tmp/x) a b",
        "http-request set-var(proc.x) int(1)",
        "http-request set-var(txn.kingtide_backend) str(other)",
        "http-request lua.evil",
        "http-request use-service prometheus-exporter",
        "http-request do-resolve(txn.x,dns) hdr(host)",
        "http-request set-header X %[path,map(/etc/hosts)]",
        "option external-check",
        "http-check connect addr 10.0.0.9",
        "'back'end evil",
        "timeout server 'unclosed",
        "timeout server 1s\\",
    ],
)
def test_what_reaches_beyond_its_section_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        snippet(line, BACKEND)
