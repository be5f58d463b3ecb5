"""Tokens of service accounts: who can make one, and for how long it holds."""

from __future__ import annotations

import pytest

from kingtide.twin.apiserver.access.tokens import Tokens

ACCOUNT = ("shop", "robot", "uid-1")
NOW_MS = 1_602_094_200_000


def test_a_token_says_whose_it_is_until_its_time_is_over() -> None:
    tokens = Tokens("secret")
    token, ends = tokens.issue(ACCOUNT, 600, NOW_MS, ["api"])
    claims = tokens.read(token, NOW_MS + 599_000)

    assert ends == NOW_MS // 1000 + 600
    assert claims is not None
    assert (claims.sub, claims.account) == ("system:serviceaccount:shop:robot", ACCOUNT)
    assert tokens.read(token, NOW_MS + 600_000) is None


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "..", "\udcff.x.y"])
def test_what_is_no_token_holds_for_nobody(token: str) -> None:
    assert Tokens("secret").read(token, NOW_MS) is None


def test_a_token_that_was_changed_or_made_by_another_holds_no_longer() -> None:
    tokens = Tokens("secret")
    head, body, signature = tokens.issue(ACCOUNT, 600, NOW_MS, [])[0].split(".")
    other = Tokens("other").issue(ACCOUNT, 600, NOW_MS, [])[0]
    longer = Tokens("other").issue(ACCOUNT, 6_000, NOW_MS, [])[0].split(".")[1]

    assert tokens.read(f"{head}.{body}.{signature}", NOW_MS) is not None
    assert tokens.read(f"{head}.{longer}.{signature}", NOW_MS) is None
    assert tokens.read(other, NOW_MS) is None
