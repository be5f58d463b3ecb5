"""`kingtide shadow`: our controllers beside another autoscaler, deciding and touching nothing."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from kingtide.cli.chosen_controllers import asked_of
from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.reached_cluster import Reach, connected, told
from kingtide.cli.run_options import check_clock
from kingtide.cli.shadow_view import ScoreView, score_view
from kingtide.cli.stopping import stopped_by_signal
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Verdict
from kingtide.control.safety import SENTENCES
from kingtide.files.writing import NotWritable
from kingtide.kube.durations import parse_duration_ms
from kingtide.live.aws.failures import AwsFailure
from kingtide.live.kubernetes.failures import LiveFailure
from kingtide.operate.running.asked import Wanted
from kingtide.operate.running.journal import DecisionFile
from kingtide.operate.shadowing.board_file import (
    BOARD,
    BoardUnreadable,
    read_board,
)
from kingtide.operate.shadowing.deciding.shadow import compared_runs
from kingtide.operate.shadowing.process import OtherBoard, Shadowed, Watcher, keep_score
from kingtide.report.shadow import scoreboard

SHADOWS = Path("shadows")
"""Where scoreboards go without --out: shadows/<cluster>/ below the current folder."""


def shadow(
    report: str | None = None,
    folder: Path | None = None,
    /,
    *,
    cluster: str | None = None,
    fleet: Path = Path(),
    for_: Annotated[str | None, Parameter(name="--for")] = None,
    clock: str = "machine",
    kubeconfig: Path | None = None,
    context: str | None = None,
    aws_endpoint: str | None = None,
    out: Path | None = None,
    timezone: str = "UTC",
    json: Annotated[bool, Parameter(negative="")] = False,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Keep score of what our controllers would do beside Cluster Autoscaler or Karpenter.

    Reads the cluster and its Auto Scaling groups and writes nothing: no lease, no action, no
    message received. node-autoscaling decides with the settings of the fleet's files, and
    ondemand-reclaim where the files ask for it; what they want is held against what the other
    autoscaler does. Ctrl-C ends it and prints the score. Begun again with the same folder, it goes
    on. `kingtide shadow report FOLDER` prints a score again.

    Args:
        report: `report`, to print the scoreboard of a folder and end.
        folder: The folder whose scoreboard is printed.
        cluster: The cluster's name in the fleet.
        fleet: The fleet's folder; the current one when absent.
        for_: How long, as 2h or 90m; until Ctrl-C when absent. It is the cluster's time.
        clock: `machine`, or `server` for the API server's time (a twin's).
        kubeconfig: The kubeconfig; otherwise $KUBECONFIG, the service account, ~/.kube/config.
        context: The kubeconfig's context; its current one when absent.
        aws_endpoint: The address of the twin's AWS API, or of an emulator.
        out: The folder of scoreboard.json and decisions.jsonl, not shadows/<cluster>.
        timezone: Whose time of day the score shows, as Europe/Paris.
        json: Print the scoreboard as JSON at the end.
        quiet: Show nothing while it runs.
    """
    if report is not None:
        return _report(report, folder, cluster, json=json)
    if cluster is None:
        raise BadInput("which cluster is to be shadowed?", hint="name it with --cluster")
    check_clock(clock)
    _check_timezone(timezone)
    shadowed = Shadowed(
        asked=asked_of(Wanted(fleet, cluster)),
        folder=out or SHADOWS / cluster,
        aws_endpoint=aws_endpoint,
        by_server_clock=clock == "server",
        for_ms=_duration_ms(for_),
        timezone=timezone,
    )
    if not compared_runs(shadowed.asked.runs):
        raise BadInput(f"{cluster} runs no controller that adds or removes nodes")
    _keep_score(shadowed, Reach(kubeconfig, context, aws_endpoint), quiet=quiet)
    _show(shadowed.folder, json=json)
    return ExitCode.YES


def _keep_score(shadowed: Shadowed, reach: Reach, *, quiet: bool) -> None:
    client = connected(reach)

    async def main(shown: ScoreView, journal: DecisionFile) -> None:
        stop = stopped_by_signal(lambda _: None)

        def decided(entry: DecisionEntry) -> None:
            try:
                journal.write(entry)
            except OSError as error:
                raise _unwritable(shadowed.folder, error) from error

        watcher = Watcher(decided, shown.update, _tell_blind)
        async with client:
            await keep_score(client, shadowed, watcher, stop)

    try:
        journal = DecisionFile(shadowed.folder)
    except OSError as error:
        raise _unwritable(shadowed.folder, error) from error
    try:
        with score_view(quiet=quiet) as shown:
            asyncio.run(main(shown, journal))
    except (OtherBoard, BoardUnreadable) as error:
        raise BadInput(str(error), hint="name another folder with --out") from error
    except (NotWritable, AwsFailure) as error:
        raise RunFailed(str(error)) from error
    except LiveFailure as error:
        raise told(error) from error
    finally:
        journal.close()


def _unwritable(folder: Path, error: OSError) -> RunFailed:
    return RunFailed(f"{folder}: {error.strerror}", hint="name another folder with --out")


def _report(word: str, folder: Path | None, cluster: str | None, *, json: bool) -> ExitCode:
    if word != "report" or folder is None or cluster is not None:
        raise BadInput(
            f"shadow: {word!r} is not understood",
            hint="write `kingtide shadow report FOLDER`, or `kingtide shadow --cluster NAME`",
        )
    _show(folder, json=json)
    return ExitCode.YES


def _show(folder: Path, *, json: bool) -> None:
    """Print the scoreboard of a folder.

    Raises:
        BadInput: there is none.
    """
    try:
        board = read_board(folder)
    except BoardUnreadable as error:
        raise BadInput(str(error)) from error
    if board is None:
        raise BadInput(f"{folder} has no {BOARD}", hint="`kingtide shadow --out` writes one")
    if json:
        sys.stdout.write((folder / BOARD).read_text("utf-8"))
        return
    console = Console()
    console.print(scoreboard(board))
    console.print(f"\nScoreboard: {folder / BOARD}", highlight=False, soft_wrap=True)


def _tell_blind(verdict: Verdict | None) -> None:
    if verdict is None:
        sys.stderr.write("the view is whole and young: looking\n")
        return
    name = verdict.subject.partition("/")[2]
    sentence = SENTENCES[verdict.code].format(name=name, **verdict.details)
    sys.stderr.write(f"not looking: {sentence}\n")


def _duration_ms(text: str | None) -> int | None:
    if text is None:
        return None
    found = parse_duration_ms(text)
    if found is None or found <= 0:
        raise BadInput(f"--for: {text!r} is no duration", hint="write it as 2h, 90m or 1h30m")
    return found


def _check_timezone(name: str) -> None:
    from whenever import Instant, TimeZoneNotFoundError

    try:
        Instant.from_timestamp(0).to_tz(name)
    except (TimeZoneNotFoundError, ValueError) as error:
        raise BadInput(f"--timezone: {name!r} is none", hint="as Europe/Paris or UTC") from error
