"""A numbered place for a server, kept free where HAProxy takes no new ones while it runs."""

from __future__ import annotations

from kingtide.controllers.ingress.desired import Server

ADDRESS, PORT = "127.0.0.1", 1
"""Of a free place; nobody is sent there, as it is in maintenance."""


def free_place(name: str) -> Server:
    """Return the place of this name without anybody in it."""
    return Server(name, ADDRESS, PORT, is_free=True)
