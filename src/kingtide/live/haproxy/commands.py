"""Steps as commands of the Runtime API."""

from __future__ import annotations

from kingtide.controllers.ingress.planning.step import (
    AddServer,
    DeleteServer,
    EnableServer,
    MoveServer,
    RetireServer,
    SetWeight,
    Step,
)
from kingtide.controllers.ingress.rendering.configuration import server_line
from kingtide.live.haproxy.runtime import Unsafe, word

ServerStep = AddServer | SetWeight | MoveServer | EnableServer | RetireServer | DeleteServer


def server_commands(step: ServerStep) -> tuple[str, ...]:
    """Return the commands of a step on a server.

    Raises:
        Unsafe: a name or option cannot stand in a command.
    """
    match step:
        case AddServer():
            it = f"{word(step.backend)}/{word(step.server.name)}"
            words = [word(one) for one in server_line(step.server, step.words).split()]
            health = (f"enable health {it}",) if "check" in words else ()
            line = " ".join(words[1:])
            return (f"add server {it} {line}", *health, f"set server {it} state ready")
        case SetWeight():
            return (f"set server {_server(step)} weight {step.weight}",)
        case MoveServer():
            return (f"set server {_server(step)} addr {word(step.address)} port {step.port}",)
        case EnableServer():
            return (f"set server {_server(step)} state ready",)
        case RetireServer():
            return (f"set server {_server(step)} state maint",)
        case DeleteServer():
            return (f"del server {_server(step)}",)


def _server(step: SetWeight | MoveServer | EnableServer | RetireServer | DeleteServer) -> str:
    return f"{word(step.backend)}/{word(step.server)}"


def is_sayable(step: Step) -> bool:
    """Return whether a step can be said to a running process; otherwise it needs a reload."""
    if not isinstance(step, ServerStep):
        return True
    try:
        server_commands(step)
    except Unsafe:
        return False
    return True
