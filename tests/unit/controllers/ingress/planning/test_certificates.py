from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.controllers.ingress.desired import Certificate, Desired
from kingtide.controllers.ingress.planning.certificates import certificate_steps
from kingtide.controllers.ingress.planning.running import Running
from kingtide.controllers.ingress.planning.step import (
    DeleteCertificate,
    DropLine,
    ListHosts,
    PutCertificate,
    Step,
)

A = Certificate("d/a", b"pem", ("a", "b"), mark="1")
DEFAULT = Certificate("d/x", b"pem", (), is_default=True, mark="9")
AS_IT_IS = {"d_a.pem:1": ("a", "b")}


def changed(**how: object) -> Certificate:
    return Certificate(**{"secret": "d/a", "pem": b"pem", "hosts": ("a", "b"), "mark": "1", **how})  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("wanted", "marks", "lines", "steps"),
    [
        pytest.param([A], {"d_a.pem": "1"}, AS_IT_IS, [], id="as it is"),
        pytest.param(
            [A], {"d_a.pem": "0"}, AS_IT_IS, [PutCertificate("d_a.pem", b"pem")], id="renewed"
        ),
        pytest.param(
            [A, changed(secret="d/c", hosts=("c",))],
            {"d_a.pem": "1"},
            AS_IT_IS,
            [PutCertificate("d_c.pem", b"pem", is_new=True), ListHosts("d_c.pem", ("c",))],
            id="another",
        ),
        pytest.param(
            [changed(hosts=("a", "b", "c"))],
            {"d_a.pem": "1"},
            AS_IT_IS,
            [ListHosts("d_a.pem", ("c",))],
            id="one host more",
        ),
        pytest.param(
            [changed(hosts=("b",))],
            {"d_a.pem": "1"},
            AS_IT_IS,
            [ListHosts("d_a.pem", ("b",)), DropLine("d_a.pem:1")],
            id="one host less: the others are listed before their line goes",
        ),
        pytest.param(
            [DEFAULT],
            {"d_x.pem": "9", "d_a.pem": "1"},
            {"d_x.pem:1": (), **AS_IT_IS},
            [DropLine("d_a.pem:1"), DeleteCertificate("d_a.pem")],
            id="gone; the default's line stays",
        ),
        pytest.param([A], {}, {}, [], id="no TLS yet: it comes with the reload"),
        pytest.param(
            [changed(pem=b"x" * 11_001, mark="2")],
            {"d_a.pem": "1"},
            AS_IT_IS,
            [],
            id="too large for a command: it comes with the reload",
        ),
    ],
)
def test_from_running_certificates_to_the_desired_ones(
    wanted: list[Certificate],
    marks: Mapping[str, str],
    lines: Mapping[str, tuple[str, ...]],
    steps: list[Step],
) -> None:
    running = Running(certificates=marks, certificate_lines=lines)
    assert list(certificate_steps(Desired(certificates=tuple(wanted)), running)) == steps


def test_a_step_tells_no_key() -> None:
    assert "secret" not in repr(PutCertificate("d_a.pem", b"secret"))
