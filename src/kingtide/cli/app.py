"""Builds the command line and runs it: every command, `--version`, help, completion, exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

from cyclopts import App, CycloptsError, Parameter

from kingtide import __version__
from kingtide.cli import examples
from kingtide.cli.examples import Example
from kingtide.cli.failure import BadInput, ExitCode, Failure


class Command(NamedTuple):
    """A command: a function, in a module of its own that is imported when the command is called.

    The function returns its exit code (None is 0) and raises `Failure`s. `summary` is the first
    sentence of its docstring: it stands here too, so that `--help` need not import the command.
    """

    name: str
    function: str
    """Where it is, as `module:function`."""
    summary: str
    examples: tuple[Example, ...] = ()
    judges: bool = False
    """Whether it can end with no."""
    no: str = ""
    """When one that judges nothing ends with no all the same; empty: never."""


COMMANDS: tuple[Command, ...] = (
    Command(
        name="rehearse",
        function="kingtide.cli.rehearse:rehearse",
        summary="Run a scenario in the twin, print its figures and write a report.",
        examples=examples.REHEARSE,
        judges=True,
    ),
    Command(
        name="gameday",
        function="kingtide.cli.gameday:gameday",
        summary="Play many seeds of a rehearsal with faults, and tell what broke and how to see it"
        " again.",
        examples=examples.GAMEDAY,
        judges=True,
    ),
    Command(
        name="run",
        function="kingtide.cli.run:run",
        summary="Run controllers on a cluster, with the settings of its fleet's files.",
        examples=examples.RUN,
        no="--once, and no pass could be made",
    ),
    Command(
        name="install",
        function="kingtide.cli.install:install",
        summary="Print the manifests that run Kingtide in a cluster, or apply them.",
        examples=examples.INSTALL,
    ),
    Command(
        name="shadow",
        function="kingtide.cli.shadow:shadow",
        summary="Keep score of what our controllers would do beside Cluster Autoscaler or"
        " Karpenter.",
        examples=examples.SHADOW,
    ),
    Command(
        name="up",
        function="kingtide.cli.up:up",
        summary="Serve a fleet's cluster behind the Kubernetes API, in real time or faster, until"
        " Ctrl-C.",
        examples=examples.UP,
    ),
    Command(
        name="explain",
        function="kingtide.cli.explain:explain",
        summary="Tell why controllers decided so, or which line set a value.",
        examples=(*examples.EXPLAIN, *examples.EXPLAIN_VALUE),
    ),
    Command(
        name="init",
        function="kingtide.cli.init:init",
        summary="Write a small working fleet with comments into a new folder.",
        examples=examples.INIT,
    ),
    Command(
        name="schema",
        function="kingtide.cli.schema:schema",
        summary="Print the JSON Schema of a kind of document, or write those of all kinds.",
        examples=examples.SCHEMA,
    ),
    Command(
        name="check",
        function="kingtide.cli.check:check",
        summary="Check a fleet's files and what they mean, and tell everything that is wrong at"
        " once.",
        examples=examples.CHECK,
        judges=True,
    ),
    Command(
        name="admission",
        function="kingtide.cli.admission:admission",
        summary="Tell what a cluster's admission would refuse and change of objects in files.",
        examples=examples.ADMISSION,
        judges=True,
    ),
    Command(
        name="ingress",
        function="kingtide.cli.ingress:ingress",
        summary="Render Ingresses as HAProxy's files, explain what a request meets, or ask who may"
        " pass.",
        examples=examples.INGRESS,
        judges=True,
    ),
    Command(
        name="dns",
        function="kingtide.cli.dns:dns",
        summary="Measure a running cache of names: hit rate, times by ndots, answers without its"
        " upstream.",
        examples=examples.DNS,
        judges=True,
    ),
    Command(
        name="downscaling",
        function="kingtide.cli.downscaling:downscaling",
        summary="Show when a timetable takes workloads down, day by day, and what that saves.",
        examples=examples.DOWNSCALING,
    ),
    Command(
        name="compile",
        function="kingtide.cli.compile:compile",
        summary="Write what a fleet's clusters consist of: kops documents, Kubernetes objects, Helm"
        " values.",
        examples=examples.COMPILE,
        judges=True,
    ),
    Command(
        name="render",
        function="kingtide.cli.render:render",
        summary="Render kops templates as `kops toolbox template` does, without kops.",
        examples=examples.RENDER,
    ),
    Command(
        name="import",
        function="kingtide.cli.import_:import_",
        summary="Propose a fleet for clusters that kops runs today.",
        examples=examples.IMPORT,
        judges=True,
    ),
    Command(
        name="plan",
        function="kingtide.cli.plan:plan",
        summary="Tell what would change in which clusters, and what that means, before anything is"
        " touched.",
        examples=examples.PLAN,
    ),
    Command(
        name="apply",
        function="kingtide.cli.apply:apply",
        summary="Carry a plan out, unchanged: kops and kubectl, step by step, with gates between"
        " them.",
        examples=examples.APPLY,
        judges=True,
    ),
    Command(
        name="completion",
        function="kingtide.cli.completion:completion",
        summary="Print the completion script for a shell, or install it.",
        examples=examples.COMPLETION,
    ),
)


def build(commands: Sequence[Command] = COMMANDS) -> App:
    """The command line with all its commands, none of them imported yet."""
    app = App(
        name="kingtide",
        version=f"kingtide {__version__}",
        help="Rehearse a fleet's peak with the controllers that run it.",
        help_format="plaintext",
        help_epilogue=examples.below_help(examples.ALL, judges=True),
        # A flag is off and a list empty without anybody saying so.
        default_parameter=Parameter(show_default=lambda value: value or None),
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for command in commands:
        epilogue = examples.below_help(command.examples, judges=command.judges, no=command.no)
        app.command(
            command.function, name=command.name, help=command.summary, help_epilogue=epilogue
        )
    return app


def run(arguments: Sequence[str], commands: Sequence[Command] = COMMANDS) -> ExitCode:
    """Run one command line and return its exit code; failures are told on stderr."""
    try:
        result = build(commands)(list(arguments), print_error=False, exit_on_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        return _tell(BadInput(str(error).rstrip("."), hint="`kingtide --help` shows what it takes"))
    except Failure as failure:
        return _tell(failure)
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`| head`), which is its right; Python must not try again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.BROKEN_PIPE
    except Exception:  # noqa: BLE001 (the outermost frame: a defect is told whole, with its exit code)
        traceback.print_exc()
        sys.stderr.write("error: Kingtide failed in a way it does not know\n")
        sys.stderr.write("hint: report it with the lines above and the command\n")
        return ExitCode.RUN_FAILED
    return ExitCode(result or ExitCode.YES)


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def _tell(failure: Failure) -> ExitCode:
    sys.stderr.write("".join(f"{line}\n" for line in failure.lines()))
    return failure.exit_code
