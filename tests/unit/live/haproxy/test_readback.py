from __future__ import annotations

import pytest

from kingtide.controllers.ingress.planning.running import RunningServer
from kingtide.live.haproxy.process import Workers, workers_of
from kingtide.live.haproxy.readback import entries_of, servers_of
from kingtide.live.haproxy.runtime import RuntimeFailed

STATE = """1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port
3 b 1 a 127.0.0.1 2 0 100 9
3 b 2 x 10.0.0.1 0 1 0 80
3 b 3 y 10.0.0.2 0 5 1 80
3 b 4 z 10.0.0.3 2 4 1 80
3 b 5 d 10.0.0.4 2 8 1 80

"""
PROCESSES = """#<PID>          <type>          <reloads>       <uptime>        <version>
23361           master          3 [failed: 2]   0d00h00m02s     2.6.12-1+deb12u4
# workers
23451           worker          0               0d00h00m01s     2.6.12-1+deb12u4
# old workers
23440           worker          1               0d00h01m01s     2.6.12-1+deb12u4
# programs

"""


def test_servers_are_read_by_the_names_of_the_columns() -> None:
    assert servers_of(STATE) == {
        "b": {
            "a": RunningServer("127.0.0.1", 9, 100),
            "x": RunningServer("10.0.0.1", 80, 0, is_in_maintenance=True),
            "y": RunningServer("10.0.0.2", 80, 1, is_in_maintenance=True),
            "z": RunningServer("10.0.0.3", 80, 1),
            "d": RunningServer("10.0.0.4", 80, 1, is_drained=True),
        }
    }


@pytest.mark.parametrize(
    "answer", ["", "1\n", STATE.replace("srv_port", "port"), STATE + "3 b 4\n"]
)
def test_what_is_no_state_of_servers_is_refused(answer: str) -> None:
    with pytest.raises(RuntimeFailed):
        servers_of(answer)


def test_entries_of_a_map() -> None:
    assert entries_of("0x55 h/a web\n0x56 h/b api\n\n") == {"h/a": "web", "h/b": "api"}
    with pytest.raises(RuntimeFailed):
        entries_of("Unknown map identifier. Please use #<id> or <file>.\n")


def test_the_master_tells_its_newest_worker() -> None:
    assert workers_of(PROCESSES) == Workers(master=23361, reloads=3, failed=2, worker=23451)
    assert workers_of("nothing of the kind") is None
