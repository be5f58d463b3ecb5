"""A leader that stands still between the last look at its lease and the bytes that leave."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import pytest

LEASE_SECONDS = 1.0
PATIENCE_SECONDS = 60

STANDS_STILL = """
import os, signal, time
from contextlib import nullcontext
from kingtide.live.write_alarm import WriteAlarm

began = []

def seconds_left():
    began[:] = began or [time.monotonic()]  # the lease was renewed when the write begins
    return {lease} - (time.monotonic() - began[0])

alarm = WriteAlarm(seconds_left)
writing = alarm.writing if {guarded} else nullcontext

def may_write():
    os.kill(os.getpid(), signal.SIGSTOP)  # right after this look, and before the write
    return True
"""
CLOUD = (
    STANDS_STILL
    + """
import asyncio
from kingtide.control.action import SetDesiredCapacity
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.reads import write_of

client = AwsClient("eu-west-3", "http://127.0.0.1:{port}", may_write=may_write, writing=writing)
client._client("autoscaling", writes=True)  # made before: a second's work
call = client.call(write_of(SetDesiredCapacity), AutoScalingGroupName="g", DesiredCapacity=2)
asyncio.run(call)
"""
)
CLUSTER = (
    STANDS_STILL
    + """
import asyncio, httpx2
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.write_rate import WriteRate

async def write():
    async with httpx2.AsyncClient(base_url="http://127.0.0.1:{port}") as client:
        api = Api(client, WriteRate(), may_write, writing=writing)
        await api.write("POST", "/api/v1/namespaces/shop/pods/web/eviction", {{}})

asyncio.run(write())
"""
)
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


def stopped_past_its_lease(program: str, *, guarded: bool) -> tuple[bytes, int | None]:
    """Return what reached the server, and how the process ended (None: it went on)."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        text = program.format(port=port, lease=LEASE_SECONDS, guarded=guarded)
        environment = {**os.environ, **ENVIRONMENT}
        with subprocess.Popen([sys.executable, "-c", text], env=environment) as process:
            try:
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
                time.sleep(LEASE_SECONDS)  # by then another leads
                process.send_signal(signal.SIGCONT)
                if guarded:
                    process.wait(PATIENCE_SECONDS)  # what it sent waits to be accepted
                server.settimeout(0 if guarded else PATIENCE_SECONDS)
                try:
                    connection, _ = server.accept()
                except BlockingIOError:
                    return b"", process.poll()
                with connection:
                    connection.settimeout(PATIENCE_SECONDS)
                    return connection.recv(100), process.poll()
            finally:
                process.kill()


@pytest.mark.parametrize("program", [CLOUD, CLUSTER], ids=["aws", "kubernetes"])
def test_a_leader_that_was_stopped_before_the_write_sends_nothing_after_its_lease(
    program: str,
) -> None:
    assert stopped_past_its_lease(program, guarded=True) == (b"", -signal.SIGALRM)


@pytest.mark.parametrize("program", [CLOUD, CLUSTER], ids=["aws", "kubernetes"])
def test_without_the_alarm_the_late_write_is_sent(program: str) -> None:
    arrived, ended = stopped_past_its_lease(program, guarded=False)
    assert arrived.startswith(b"POST ")
    assert ended is None
