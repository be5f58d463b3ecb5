"""What HAProxy needs to ask the agent of external authentication, and the agent's own files.

Source: https://github.com/haproxy/haproxy/blob/v2.6.0/doc/SPOE.txt
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.external_auth.engine import ENGINE, GROUP, NAME, PREFIX
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.lines import line

MESSAGE = "request"
SPARE_MS = 1_000
"""Of HAProxy's patience: the way to the agent, and a worker that begins anew."""
BUFFER_BYTES, SPARE_BYTES = 32_768, 8_192
"""Of HAProxy where anybody is asked. What the agent is told and says is one frame, which a buffer
has to hold: a request of the usual 16 kB has then room for its answer's headers, and what of a
body came with it leaves the spare for them (a token takes 2 kB, two of them no more fit 1 kB)."""
ENGINE_TEXT = f"""\
[{ENGINE}]
spoe-agent {ENGINE}
  groups {GROUP}
  option var-prefix {PREFIX}
  option set-on-error error
  timeout hello 2s
  timeout idle 2s
  timeout processing {{milliseconds}}ms
  use-backend {ENGINE}
spoe-message {MESSAGE}
  args name=var({NAME}) method=method path=pathq tls=ssl_fc source=src headers=req.hdrs
spoe-group {GROUP}
  messages {MESSAGE}
"""


def engine_text(desired: Desired) -> str:
    """Return the engine's file: HAProxy waits longer than any service may take."""
    longest = max(
        it.external_auth.timeout_ms
        for it in desired.backends.values()
        if it.external_auth is not None
    )
    return ENGINE_TEXT.format(milliseconds=longest + SPARE_MS)


def is_used(desired: Desired) -> bool:
    """Return whether anybody is asked about requests."""
    return any(it.external_auth is not None for it in desired.backends.values())


def auth_files(desired: Desired, layout: Layout) -> Mapping[str, str]:
    """Return the files, none where nobody is asked: settings by their name, and the engine."""
    found = {
        layout.auth_settings(it.external_auth.name): _encoded(it.external_auth)
        for it in desired.backends.values()
        if it.external_auth is not None
    }
    return {**found, layout.auth_engine: engine_text(desired)} if found else {}


def _encoded(settings: msgspec.Struct) -> str:
    return msgspec.json.encode(settings).decode() + "\n"


def filter_line(layout: Layout) -> str:
    """Return the line of a backend whose requests are asked about."""
    return line(("filter", "spoe", "engine", ENGINE, "config", layout.auth_engine))


def agent_backend(desired: Desired, layout: Layout) -> list[list[str]]:
    """Return the backend of the agent, nothing where nobody is asked.

    HAProxy 2.6 has a request wait for all of its time where the agent cannot be connected to, but
    fails it at once where the agent is known to be down: so it looks often, at no more than whether
    somebody listens (measured on 2.6.12: 10 s and 0.3 ms).
    """
    if not is_used(desired):
        return []
    address = f"unix@{layout.auth_socket}"
    watched = "check inter 200ms fall 1 rise 1 observe layer4 error-limit 1 on-error mark-down"
    server = line(("server", "agent", address, *watched.split()))
    lines = ("mode tcp", "retries 0", "timeout connect 1s", "timeout server 1m", server)
    return [[f"backend {ENGINE}", *(f"  {it}" for it in lines)]]


def buffers(desired: Desired) -> tuple[tuple[str, ...], ...]:
    """Return the settings of the process, none where nobody is asked."""
    if not is_used(desired):
        return ()
    return ("tune.bufsize", str(BUFFER_BYTES)), ("tune.maxrewrite", str(SPARE_BYTES))
