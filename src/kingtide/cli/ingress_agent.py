"""`kingtide ingress agent FOLDER`: the agent of auth-url, where no controller starts it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kingtide.cli.failure import BadInput, ExitCode, RunFailed
from kingtide.cli.ingress_settings import Settings
from kingtide.cli.mistaken import mistaken
from kingtide.cli.run_ingress import MAX_FOLDER
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.live.external_auth.agent import AlreadyServed, serve_folder


def serve_agent(
    words: tuple[str, ...], settings: Settings, others: Mapping[str, object]
) -> ExitCode:
    """Serve HAProxy's folder until a signal; as many workers as HAProxy has threads.

    Raises:
        BadInput: there is no such folder, or something is said that is not of the agent.
        RunFailed: another agent serves it, or it cannot be written.
    """
    for option, given in others.items():
        if given:
            raise BadInput(f"{option} is not of `ingress agent`")
    if len(words) != 1:
        hint = "kingtide ingress agent /etc/haproxy"
        raise BadInput("agent needs one folder: the one of HAProxy's files", hint=hint)
    folder = Path(words[0]).absolute()
    if not folder.is_dir():
        hint = "name the one that `kingtide ingress render --out` was given, or HAProxy's"
        raise BadInput(f"there is no folder {folder}", hint=hint)
    asks = Path(Layout(str(folder)).auth_engine)
    if not asks.is_file():
        hint = "`ingress render --out` writes it, where an Ingress has auth-url; name that folder"
        raise BadInput(f"there is no {asks.name} in {folder}, so nobody would ask", hint=hint)
    if len(str(folder)) > MAX_FOLDER:
        hint = "name a shorter one; sockets stand in it, whose paths are bounded"
        raise BadInput(f"{folder} has over {MAX_FOLDER} characters", hint=hint)
    try:
        workers = settings.policy().threads
    except Mistakes as error:
        raise mistaken(error) from error
    try:
        serve_folder(folder, workers)
    except AlreadyServed as error:
        raise RunFailed(str(error), hint="end that one; who holds auth.lock is in it") from error
    except OSError as error:
        raise RunFailed(f"{folder} cannot be served: {error}") from error
    return ExitCode.YES
