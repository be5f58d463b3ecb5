from __future__ import annotations

import pytest

from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.planning.shared import (
    CLOSED,
    GROUPS,
    Group,
    LeftOut,
    Lines,
    blamed_groups,
    decoded,
    encoded,
    left_out,
    shared_of,
    with_left_out,
)
from kingtide.controllers.ingress.rendering.configuration import configuration
from kingtide.controllers.ingress.rendering.layout import Layout

LAYOUT = Layout("/run/trial")


def lines(name: str) -> Lines:
    return (Directive(90, ("timeout", name)),)


ASKED = Desired(
    process=lines("process"),
    defaults=lines("defaults"),
    frontend=lines("frontend"),
    stats=lines("stats"),
)
TEXT = configuration(ASKED, LAYOUT)


def number(text: str) -> int:
    return TEXT.splitlines().index(f"  timeout {text}") + 1


def blamed(said: str, desired: Desired = ASKED) -> list[Group]:
    alert = f"[ALERT]    (7) : config : {said}"
    return [*blamed_groups(alert, TEXT, LAYOUT.configuration, desired)]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("word", ["parsing", "Parsing"])
def test_a_line_of_a_section_is_blamed_on_its_lines(group: Group, word: str) -> None:
    said = f"{word} [{LAYOUT.configuration}:{number(group)}] : no"
    assert blamed(said) == [group]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param("frontend 'http' : no", ["frontend"], id="a frontend"),
        pytest.param("Proxy 'kingtide_stats': no", ["stats"], id="a proxy"),
        pytest.param("Cannot raise FD limit", ["process"], id="a limit of the process"),
        pytest.param("parsing [/etc/x.cfg:2]: no", ["process"], id="another file"),
        pytest.param(f"parsing [{LAYOUT.configuration}:9999]: no", ["process"], id="no line"),
    ],
)
def test_what_is_no_line_is_blamed_on_whom_it_names_or_on_the_process(
    said: str, found: list[Group]
) -> None:
    assert blamed(said) == found


def test_what_names_nobody_is_blamed_on_all_where_no_limit_is_asked_for() -> None:
    assert blamed("no", Desired(frontend=ASKED.frontend, stats=ASKED.stats)) == [
        "frontend",
        "stats",
    ]
    assert blamed("no", Desired()) == []


def test_lines_that_ran_before_stand_for_those_that_are_left_out() -> None:
    accepted: dict[Group, Lines] = {"process": lines("old"), "frontend": lines("older")}
    found = left_out(ASKED, {"process": "no", "stats": "no"}, accepted)
    kept = with_left_out(ASKED, found)
    assert (kept.process, kept.stats) == (lines("old"), ())
    assert (kept.frontend, kept.defaults) == (ASKED.frontend, ASKED.defaults)
    mended = Desired(process=lines("mended"), stats=ASKED.stats)
    assert with_left_out(mended, found).process == lines("mended")


def test_a_frontend_is_closed_where_nobody_knows_what_ran_before() -> None:
    found = left_out(ASKED, {"frontend": "no", "defaults": "no"}, None)
    assert found["frontend"] == LeftOut(ASKED.frontend, CLOSED, "no")
    assert found["defaults"].instead == ()


def test_accepted_lines_are_read_back_as_they_were_written() -> None:
    assert decoded(encoded(shared_of(ASKED))) == shared_of(ASKED)
    assert decoded("{") is None
