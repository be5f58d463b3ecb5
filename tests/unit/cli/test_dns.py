from __future__ import annotations

import pytest

from kingtide.cli.dns import dns
from kingtide.cli.failure import BadInput, RunFailed
from tests.unit.live.dns.name_server import unused_port


@pytest.mark.parametrize(
    ("address", "options", "told"),
    [
        pytest.param("node-1", {}, "is no address", id="a name"),
        pytest.param("127.0.0.1:0", {}, "is no port", id="port 0"),
        pytest.param("[::1]:dns", {}, "is no port", id="a port's name"),
        pytest.param("[::1", {}, "is no address", id="a bracket that does not end"),
        pytest.param("[::1]53", {}, "is no address", id="a port without its colon"),
        pytest.param("127.0.0.1", {"within": 0.0}, "--within", id="no time at all"),
        pytest.param("127.0.0.1", {"timeout": float("nan")}, "--timeout", id="no number"),
        pytest.param("127.0.0.1", {"lookups": 0}, "--lookups", id="no lookup"),
        pytest.param("127.0.0.1", {"rate": 5001}, "--rate", id="too many a second"),
        pytest.param("127.0.0.1", {"timeout": 0.0}, "--timeout", id="no time"),
        pytest.param("127.0.0.1", {"name": ("a..b",)}, "is no label", id="no name"),
    ],
)
def test_what_cannot_be_measured_is_told_before_anything_is_asked(
    address: str, options: dict[str, int], told: str
) -> None:
    with pytest.raises(BadInput, match=told):
        dns("bench", address, **options)  # type: ignore[arg-type]  # each has its own type


@pytest.mark.parametrize("tcp", [False, True])
def test_where_nobody_answers_it_ends_at_once(tcp: bool) -> None:
    with pytest.raises(RunFailed, match="nobody answers"):
        dns("bench", f"127.0.0.1:{unused_port()}", lookups=100_000, tcp=tcp)
