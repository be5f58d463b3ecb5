"""What a wrong scenario is told, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_rehearsal import SCENARIO, with_lines
from tests.unit.rehearsal.scenario.reading import mistakes

CASES = {
    "unknown field": (
        ("timezone: Europe/Paris", "timzone: Europe/Paris"),
        [
            "rehearsal.yaml:8:3: spec.timzone: unknown field; did you mean 'timezone'?",
        ],
    ),
    "unknown zone": (
        ("Europe/Paris", "Europe/Pari"),
        [
            (
                "rehearsal.yaml:8:13: spec.timezone: there is no time zone 'Europe/Pari';"
                " write for example Europe/Paris or UTC"
            )
        ],
    ),
    "a time that happens twice": (
        ("2020-10-07 20:00", "2020-10-25 02:30"),
        [
            (
                "rehearsal.yaml:7:10: spec.start: 2020-10-25 02:30 happens twice in Europe/Paris,"
                " where clocks are set back; add the offset, for example 2020-10-25 02:30+02:00"
            )
        ],
    ),
    "end before start": (
        ("duration: 20m", "end: 2020-10-07 19:00"),
        [
            (
                "rehearsal.yaml:9:8: spec.end: the end 2020-10-07 19:00 is not after the start"
                " 2020-10-07 20:00; write a later time, or `duration:`"
            )
        ],
    ),
    "neither end nor duration": (
        ("  duration: 20m\n", ""),
        [
            (
                "rehearsal.yaml:5:3: spec.duration: there is neither duration nor end;"
                " write one of them, for example `duration: 40m`"
            )
        ],
    ),
    "negative number": (
        ("replicas: 6", "replicas: -6"),
        [
            (
                "rehearsal.yaml:28:17: spec.applications.worker.replicas: -6 is negative;"
                " write 0 or more"
            )
        ],
    ),
    "HPA min above max": (
        ("min: 6, max: 60", "min: 61, max: 60"),
        [
            (
                "rehearsal.yaml:22:18: spec.applications.web.hpa.min: min 61 is above max 60;"
                " write 60 or less, or raise max"
            )
        ],
    ),
    "unknown priority class": (
        ("priorityClass: high", "priorityClass: hihg"),
        [
            (
                "rehearsal.yaml:18:22: spec.applications.web.priorityClass: cluster prod has no"
                " priority class 'hihg'; did you mean 'high'?"
            )
        ],
    ),
    "unknown cluster": (
        ("cluster: prod", "cluster: prd"),
        [
            (
                "rehearsal.yaml:6:12: spec.cluster: the fleet in fleet has no cluster 'prd';"
                " did you mean 'prod'?"
            )
        ],
    ),
    "unknown latency": (
        ("node.boot", "node.boots"),
        [
            (
                'rehearsal.yaml:34:15: spec.latencies."node.boots": there is no such latency;'
                " did you mean 'node.boot'?"
            )
        ],
    ),
    "unknown policy field": (
        ("unneededTime", "uneededTime"),
        [
            (
                "rehearsal.yaml:15:35: spec.policies.nodeAutoscaling.scaleDown.uneededTime:"
                " unknown field; did you mean 'unneededTime'?"
            )
        ],
    ),
    "quantity": (
        ("requests: {cpu: 1,", "requests: {cpu: 1 core,"),
        [
            (
                "rehearsal.yaml:19:23: spec.applications.web.requests.cpu: '1 core' is not a"
                " quantity; write for example 500m, 2 or 1.5"
            )
        ],
    ),
    "limits below requests": (
        ("limits: {cpu: 2,", "limits: {cpu: 500m,"),
        [
            (
                "rehearsal.yaml:20:21: spec.applications.web.limits.cpu: is below requests.cpu;"
                " raise it, or leave it out"
            )
        ],
    ),
    "an HPA without a request": (
        ("requests: {cpu: 1, memory: 1Gi}", "requests: {memory: 1Gi}"),
        [
            (
                "rehearsal.yaml:19:17: spec.applications.web.requests: the HPA compares CPU"
                " use with requests.cpu, which is 0; add `cpu:`, for example 500m"
            )
        ],
    ),
    "group of nodes at the start": (
        ("spot-nodes-workers-4x: 2", "spot-nodes-workers-4x: 200"),
        [
            (
                "rehearsal.yaml:12:41: spec.initialNodes.spot-nodes-workers-4x: 200 is outside the"
                " group's 1 to 20; write a number between, or change the group's bounds"
            )
        ],
    ),
    "outage that ends before it begins": (
        ('until: "20:18"', 'until: "20:10"'),
        [
            (
                "rehearsal.yaml:33:55: spec.cloud.outages[0].until: 20:10 is not after 20:15;"
                " write a later time"
            )
        ],
    ),
    "expectation": (
        ("max_seconds <= 10min", "max_seconds = 10min"),
        [
            (
                "rehearsal.yaml:35:12: spec.expect[0]: 'pending.high.max_seconds = 10min' is not"
                " `figure operator number`; write for example unavailable.high.max_seconds <= 15s"
            )
        ],
    ),
    "two forms of demand": (
        ("column: cores}", "column: cores, points: []}"),
        [
            (
                "rehearsal.yaml:23:15: spec.applications.web.demand: has several of csv, points and"
                " formula; write exactly one of them"
            )
        ],
    ),
    "missing CSV file": (
        ("csv: demand.csv", "csv: demands.csv"),
        ["rehearsal.yaml:23:21: demands.csv does not exist; name an existing file"],
    ),
    "missing column": (
        ("column: cores", "column: core"),
        ["demand.csv:1:1: there is no column 'core'; did you mean 'cores'?"],
    ),
}


@pytest.mark.parametrize(("change", "expected"), CASES.values(), ids=CASES.keys())
def test_each_mistake_has_its_own_message(
    tmp_path: Path, change: tuple[str, str], expected: list[str]
) -> None:
    assert mistakes(tmp_path, scenario=with_lines(SCENARIO, change)) == expected


def test_mistakes_of_all_kinds_and_files_are_told_at_once(tmp_path: Path) -> None:
    scenario = with_lines(
        SCENARIO,
        ("min: 6, max: 60", "min: 61, max: 60, minn: 3"),
        ("replicas: 6", "replicas: six"),
        ("node.boot", "node.boots"),
        ("max_seconds <= 10min", "max_seconds ? 10min"),
    )
    demand = "time,cores\n20:00:00,4\n20:10:00,x\n20:05:00,-3\n"
    found = mistakes(tmp_path, "seed=-3", scenario=scenario, demand=demand, types="- c5.4xl\n")
    assert [line.split(" ")[0] for line in found] == [
        "--set",
        "demand.csv:3:10:",
        "demand.csv:4:1:",
        "demand.csv:4:10:",
        "fleet/snippets/instance-types/4x-cpu16.yaml:1:3:",
        "rehearsal.yaml:22:18:",
        "rehearsal.yaml:22:31:",
        "rehearsal.yaml:28:17:",
        "rehearsal.yaml:34:15:",
        "rehearsal.yaml:35:12:",
    ]


def test_a_misspelt_required_field_hides_nothing_below_it(tmp_path: Path) -> None:
    scenario = with_lines(SCENARIO, ("timezone: Eur", "timezoone: Eur"), ("max: 60", "max: 5"))
    assert mistakes(tmp_path, scenario=scenario) == [
        "rehearsal.yaml:8:3: spec.timezoone: unknown field; did you mean 'timezone'?",
        (
            "rehearsal.yaml:22:18: spec.applications.web.hpa.min: min 6 is above max 5;"
            " write 5 or less, or raise max"
        ),
    ]


def test_a_long_value_is_quoted_by_its_beginning(tmp_path: Path) -> None:
    scenario = with_lines(SCENARIO, ("timezone: Europe/Paris", "timezone: " + "x" * 3000))
    assert mistakes(tmp_path, scenario=scenario) == [
        (
            f"rehearsal.yaml:8:13: spec.timezone: there is no time zone '{'x' * 80}'..."
            " (3,000 characters); write for example Europe/Paris or UTC"
        )
    ]


def test_fronts_that_depend_on_each_other_in_a_circle_are_a_mistake(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path, "applications.web.dependsOn=worker", "applications.worker.dependsOn=web"
    )
    assert found == [
        (
            "--set applications.web.dependsOn=worker: spec.applications.web.dependsOn:"
            " depends on itself: web -> worker -> web; take one of them out"
        ),
        (
            "--set applications.worker.dependsOn=web: spec.applications.worker.dependsOn:"
            " depends on itself: worker -> web -> worker; take one of them out"
        ),
    ]


def test_an_unknown_front_is_told_with_the_nearest(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, "applications.web.dependsOn=workers")
    assert found.endswith("there is no application 'workers'; did you mean 'worker'?")
