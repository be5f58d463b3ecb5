"""Names that HAProxy's rules, its engine of external authentication and the agent share."""

from __future__ import annotations

ENGINE = "kingtide-auth"
"""The SPOE engine of every backend, its agent, and the backend that leads to it."""
PREFIX = "kingtide_auth"
"""Of the agent's variables; snippets may not name it."""
NAME = "txn.kingtide_auth_name"
"""The variable that names the settings of a backend."""
GROUP = "asked"
