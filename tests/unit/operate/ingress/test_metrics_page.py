from __future__ import annotations

from kingtide.operate.ingress.metrics_page import OF_BACKENDS, passed_on


def family(name: str, *proxies: str) -> str:
    """Return a family as HAProxy writes it: its help, its type, a line a proxy."""
    lines = [f'{name}{{proxy="{it}",text="# HELP me"}} 1' for it in proxies]
    return "\n".join([f"# HELP {name} What it is.", f"# TYPE {name} gauge", *lines, ""])


def test_of_backends_only_what_is_looked_at_is_passed_on() -> None:
    looked_at = [family(f"haproxy_backend_{it}", "web", "api") for it in OF_BACKENDS]
    frontend = family("haproxy_frontend_limit_sessions", "http")
    others = [family(f"haproxy_backend_{it}", "web") for it in ("weight", "status_of_old")]
    text = "".join([frontend, others[0], *looked_at, others[1]])
    assert passed_on(text.encode()).decode() == "".join([frontend, *looked_at])


def test_an_answer_without_families_stays_as_it_is() -> None:
    assert passed_on(b"") == b""
    assert passed_on(b"not found\n") == b"not found\n"
