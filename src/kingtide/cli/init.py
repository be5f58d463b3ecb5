"""`kingtide init`: a small working fleet to start from."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.files.starting import NotEmpty, start_fleet, starter_files
from kingtide.files.writing import NotWritable
from kingtide.fleet.cluster_checks import REGION
from kingtide.fleet.fields import dns_label


def init(folder: Path, /, *, name: str | None = None, region: str = "eu-west-1") -> ExitCode:
    """Write a small working fleet with comments into a new folder.

    It compiles, checks clean and rehearses as it is. A folder with something in it is refused.

    Args:
        folder: The folder, which is made; one that exists must be empty.
        name: The fleet's name, instead of the folder's.
        region: The AWS region of its cluster.
    """
    called = _name(folder.resolve().name if name is None else name, given=name is not None)
    if not REGION.fullmatch(region):
        raise BadInput(f"--region: {region!r} is not a region", hint="write for example eu-west-1")
    contents = starter_files(called, region)
    try:
        start_fleet(folder, contents)
    except NotEmpty as error:
        raise BadInput(str(error), hint="name a new folder") from error
    except NotWritable as error:
        raise RunFailed(str(error), hint="name another folder") from error
    sys.stdout.write(_next_steps(folder, len(contents)))
    return ExitCode.YES


def _name(text: str, *, given: bool) -> str:
    """Return the fleet's name; that of a folder is made one as far as it goes."""
    made = text if given else re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].rstrip("-")
    try:
        return dns_label(made)
    except ValueError as error:
        wrong, _, hint = str(error).partition("; ")
        told = f"--name: {wrong}" if given else f"{text!r} makes no name of a fleet"
        raise BadInput(told, hint=hint if given else "give one with --name") from error


def _next_steps(folder: Path, count: int) -> str:
    named = shlex.quote(str(folder))
    schemas = shlex.quote(str(folder / ".schemas"))
    steps = (
        (f"kingtide check {named}", "what is wrong, or unwise, with place and reason"),
        (f"kingtide rehearse {named}", "an evening with a peak, in the twin"),
        (f"kingtide explain prod nodeGroups.workers --fleet {named}", "which line set what"),
        (f"kingtide compile {named} --out rendered", "kops documents, objects, Helm values"),
        (f"kingtide schema --out {schemas}", "for editors, named by every file"),
    )
    width = max(len(command) for command, _ in steps)
    lines = [f"{folder}: a fleet of one cluster, {count} files", "", "Next:"]
    lines += [f"  {command:<{width}}  # {why}" for command, why in steps]
    lines += ["", "Then make fleet.yaml and clusters/prod.yaml yours: bucket, zone, account."]
    return "\n".join(lines) + "\n"
