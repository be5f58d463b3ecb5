"""Who this process is: in the Lease it holds, and in the user agent of all that it asks and writes.

Two replicas have one version, one service account and one role: an audit log and CloudTrail tell
them apart by this name alone.
"""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache

from kingtide import __version__


@cache
def process_identity() -> str:
    """Return a name for this process that no other has, nor it itself after a restart."""
    return f"{socket.gethostname()}_{os.getpid()}_{secrets.token_hex(4)}"


def user_agent() -> str:
    """Return what requests are sent as; what stands before the slash is their field manager."""
    return f"kingtide/{__version__} ({process_identity()})"
