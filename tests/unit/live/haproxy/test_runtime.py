from __future__ import annotations

import pytest

from kingtide.controllers.ingress.desired import Server
from kingtide.controllers.ingress.planning.step import AddServer, DeleteServer
from kingtide.live.haproxy.commands import server_commands
from kingtide.live.haproxy.runtime import Unsafe, batches, word


def test_batches_hold_as_much_as_there_is_room_for() -> None:
    assert list(batches(["aaa", "bbb", "ccc"], ";", room=8)) == ["aaa;bbb", "ccc"]
    assert list(batches(["a" * 20, "b"], ";", room=8)) == ["a" * 20, "b"]
    assert not list(batches([], ";"))


@pytest.mark.parametrize("text", ["", "a b", "a;b", "a\nb", "a\\", "a<", "'", '"', "é", "a#b"])
def test_a_word_that_the_command_line_could_split_is_refused(text: str) -> None:
    with pytest.raises(Unsafe):
        word(text)


def test_a_server_is_added_checked_and_made_ready() -> None:
    step = AddServer("web", Server("a", "2001:db8::1", 80), ("check", "inter", "2s"))
    assert server_commands(step) == (
        "add server web/a [2001:db8::1]:80 weight 100 check inter 2s",
        "enable health web/a",
        "set server web/a state ready",
    )


def test_a_name_that_would_be_another_command_is_refused() -> None:
    with pytest.raises(Unsafe):
        server_commands(DeleteServer("web", "a; shutdown sessions"))
