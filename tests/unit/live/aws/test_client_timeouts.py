"""A server that says nothing: how long a call waits for it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from kingtide.control.action import SetDesiredCapacity
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.failures import NoAnswer
from kingtide.live.aws.reads import write_of
from tests.unit.twin.apiserver.aws.served import REGION


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAKINGTIDETWIN0000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")


def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    """A write's only try ends by its own timeout, and is not made again."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        api = AwsClient(REGION, f"http://127.0.0.1:{silent.getsockname()[1]}")
        call = write_of(SetDesiredCapacity)
        loop = asyncio.new_event_loop()
        began = loop.time()
        with pytest.raises(NoAnswer) as caught:
            loop.run_until_complete(
                api.call(call, AutoScalingGroupName="workers", DesiredCapacity=1)
            )
        assert loop.time() - began < 30  # the SDK's own is 60 s, and made four times again
        loop.close()
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert caught.value.code == "Timeout"
