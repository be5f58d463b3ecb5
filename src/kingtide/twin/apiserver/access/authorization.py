"""Lets users do what their roles allow, and nothing else.

Source of the words: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go
(v1.36).
"""

from __future__ import annotations

from kingtide.twin.apiserver.access.asked import Asked
from kingtide.twin.apiserver.access.roles import Roles
from kingtide.twin.apiserver.access.users import ACCOUNT, ADMIN, User, groups_of_accounts
from kingtide.twin.apiserver.refusals import ApiRefusal

MOST_GROUPS = 100
"""That somebody acts as: a header of each is read."""


def check(roles: Roles, user: User, it: Asked) -> None:
    """Check that a user may do what is asked.

    Raises:
        ApiRefusal: 403, it may not.
    """
    if user is ADMIN or roles.why_allowed(user, it) is not None:
        return
    raise forbidden(user, it)


def forbidden(user: User, it: Asked) -> ApiRefusal:
    """Return the refusal of what a user may not do."""
    if it.path:
        message = f'forbidden: User "{user.name}" cannot {it.verb} path "{it.path}"'
        return ApiRefusal(403, "Forbidden", message, {})
    qualified = f"{it.resource}.{it.group}" if it.group else it.resource
    what = f'{qualified} "{it.name}"' if it.name else qualified
    where = f'in the namespace "{it.namespace}"' if it.namespace else "at the cluster scope"
    message = (
        f'{what} is forbidden: User "{user.name}" cannot {it.verb} resource "{it.whole_resource}"'
        f' in API group "{it.group}" {where}'
    )
    details = {"name": it.name} if it.name else {}
    details |= {"group": it.group} if it.group else {}
    return ApiRefusal(403, "Forbidden", message, details | {"kind": it.resource})


def acting_as(roles: Roles, user: User, name: str, groups: list[str]) -> User:
    """Return the user that somebody acts as (`kubectl --as`), itself where nobody is named.

    Raises:
        ApiRefusal: 403, it may not act as that one.
    """
    if not name and not groups:
        return user
    groups = groups[:MOST_GROUPS]
    account = name.removeprefix(ACCOUNT).partition(":")
    is_account = name.startswith(ACCOUNT) and bool(account[2])
    if is_account:
        asked = Asked("impersonate", "", "serviceaccounts", "", account[0], account[2])
    else:
        asked = Asked("impersonate", "", "users", name=name)
    check(roles, user, asked)
    for group in groups:
        check(roles, user, Asked("impersonate", "", "groups", name=group))
    own = groups_of_accounts(account[0]) if is_account else ("system:authenticated",)
    return User(name, (*groups, *(it for it in own if it not in groups)))
