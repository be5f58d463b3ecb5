"""Users: whoever has the token, and service accounts.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authentication/ (v1.36).
"""

from __future__ import annotations

import msgspec

MASTERS = "system:masters"
"""The group that may do everything, whatever roles say."""
AUTHENTICATED = "system:authenticated"
ACCOUNT = "system:serviceaccount:"
"""What the user name of a service account begins with; its namespace and name follow."""


class User(msgspec.Struct, frozen=True):
    """Who asks; `uid` is a service account's, empty for others."""

    name: str
    groups: tuple[str, ...]
    uid: str = ""

    def body(self) -> dict[str, object]:
        """Return the user as reviews write it."""
        told: dict[str, object] = {"username": self.name, "groups": list(self.groups)}
        return told | ({"uid": self.uid} if self.uid else {})


ADMIN = User("kingtide-admin", (MASTERS, AUTHENTICATED))
"""Who has the token of the kubeconfig."""


def service_account(namespace: str, name: str, uid: str = "") -> User:
    """Return the user that a service account is."""
    return User(f"{ACCOUNT}{namespace}:{name}", groups_of_accounts(namespace), uid)


def groups_of_accounts(namespace: str) -> tuple[str, ...]:
    """Return the groups of a namespace's service accounts."""
    return ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", AUTHENTICATED)
