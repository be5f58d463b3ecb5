from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.rehearsal.scenario.read import Options, read_scenario
from tests.small_rehearsal import SCENARIO, with_lines, write_small

WORKER = "      replicas: 6\n      usage: 1500m\n"


def mistakes(folder: Path, worker: str) -> list[str]:
    """What is said of a scenario whose worker has other fields; places are left out."""
    text = with_lines(SCENARIO, (WORKER, worker))
    with pytest.raises(Mistakes) as caught:
        read_scenario(write_small(folder, scenario=text), Options())
    return [str(mistake).split("spec.applications.worker")[1] for mistake in caught.value.all]


@pytest.mark.parametrize(
    ("worker", "told"),
    [
        pytest.param(
            "      disruptionBudget: {}\n",
            ".disruptionBudget: needs either minAvailable or maxUnavailable; write one of both",
            id="budget: neither",
        ),
        pytest.param(
            "      disruptionBudget: {minAvailable: 1, maxUnavailable: 1}\n",
            ".disruptionBudget: needs either minAvailable or maxUnavailable; write one of both",
            id="budget: both",
        ),
        pytest.param(
            "      disruptionBudget: {minAvailable: most}\n",
            ".disruptionBudget.minAvailable: 'most' is neither a number nor a percentage; write for"
            " example 2 or 10%",
            id="budget: no amount",
        ),
        pytest.param(
            "      strategy: {maxSurge: 0, maxUnavailable: 0%}\n",
            ".strategy: leaves a rollout no room, with maxSurge and maxUnavailable both 0; raise"
            " one",
            id="strategy: no room",
        ),
        pytest.param(
            "      statefulSet: {}\n      job: {runsFor: 5m}\n",
            ".job: stands beside statefulSet; keep one of them",
            id="two kinds",
        ),
        pytest.param(
            "      statefulSet: {}\n      strategy: {maxSurge: 1}\n",
            ".strategy: means nothing beside statefulSet; take it out",
            id="strategy of a StatefulSet",
        ),
        pytest.param(
            "      job: {runsFor: 5m}\n      replicas: 3\n",
            ".replicas: means nothing beside job; take it out",
            id="replicas of a Job",
        ),
        pytest.param(
            "      job: {runsFor: {scale: 2}}\n",
            ".job.runsFor: has nothing to scale; write a duration, or points",
            id="job: a multiple of nothing",
        ),
        pytest.param(
            "      job: {runsFor: 5m, fails: 101%}\n",
            ".job.fails: 101 % is more than all; write up to 100%",
            id="job: more failures than pods",
        ),
        pytest.param(
            "      job: {runsFor: 5m, workQueue: true, completions: 4}\n",
            ".job.completions: stands beside workQueue; keep one of them",
            id="job: queue with completions",
        ),
        pytest.param(
            "      job: {runsFor: 5m, begins: '20:05', schedule: {cron: '@hourly'}}\n",
            ".job.begins: stands beside schedule; keep one of them",
            id="job: once and again",
        ),
        pytest.param(
            "      job: {runsFor: 5m, schedule: {cron: '*/5 * * *'}}\n",
            ".job.schedule.cron: '*/5 * * *' has 4 fields; write minute, hour, day of month, month"
            " and day of week, for example `*/5 * * * *`",
            id="job: four fields",
        ),
        pytest.param(
            "      job: {runsFor: 5m, schedule: {cron: '@daily', timeZone: Mars}}\n",
            ".job.schedule.timeZone: there is no time zone 'Mars'; write for example Europe/Paris"
            " or UTC",
            id="job: no zone",
        ),
        pytest.param(
            "      limits: {cpu: 3}\n      rollouts: [{at: '20:05', requests: {cpu: 4}}]\n",
            ".rollouts[0]: requests more cpu than its limit; raise the limit, or request less",
            id="rollout: above the limit",
        ),
        pytest.param(
            "      rollouts: [{at: noon}]\n",
            ".rollouts[0].at: 'noon' is not a time; write for example 20:52, 20:52:15 or"
            " 2020-10-07 20:52",
            id="rollout: no time",
        ),
        pytest.param(
            "      rollouts: [{at: 2020-10-25 02:30}]\n",
            ".rollouts[0].at: 2020-10-25 02:30 happens twice in Europe/Paris, where clocks are set"
            " back; add the offset, for example 2020-10-25 02:30+02:00",
            id="rollout: a time that comes twice",
        ),
    ],
)
def test_what_does_not_fit_together_is_said_where_it_stands(
    tmp_path: Path, worker: str, told: str
) -> None:
    assert mistakes(tmp_path, worker) == [told]
