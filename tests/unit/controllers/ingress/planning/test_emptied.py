from __future__ import annotations

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.planning.emptied import doubted, with_servers_of

NAMES = [f"b{number}" for number in range(10)]


def backend(name: str, *, is_empty: bool = False) -> Backend:
    servers = () if is_empty else (Server("a", "10.0.0.1", 80),)
    return Backend(name, f"d/{name}", servers)


SERVING = {name: backend(name) for name in NAMES}


def without(*empty: str) -> Desired:
    return Desired(backends={name: backend(name, is_empty=name in empty) for name in NAMES})


def test_a_few_backends_may_lose_all_their_servers_at_once() -> None:
    assert doubted(SERVING, without(*NAMES[:3])) == ()


def test_more_of_them_are_doubted_and_keep_what_they_had() -> None:
    after = without(*NAMES[:4])
    gone = doubted(SERVING, after)
    assert gone == tuple(NAMES[:4])
    assert with_servers_of(SERVING, after, gone) == without()


def test_a_small_share_of_many_is_not_doubted() -> None:
    serving = SERVING | {f"c{number}": backend(f"c{number}") for number in range(7)}
    assert doubted(serving, without(*NAMES[:4])) == ()


def test_backends_that_had_no_servers_are_no_news() -> None:
    before = {name: backend(name, is_empty=True) for name in NAMES}
    assert doubted(before, without(*NAMES)) == ()
