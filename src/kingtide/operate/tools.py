"""Which kops and kubectl there are, and whether they can carry a plan out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec

from kingtide.operate.commands import Commands, NotRunnable
from kingtide.operate.failures import ToolUnfit

Version = tuple[int, int, int]

MIN_KOPS: Version = (1, 31, 0)
"""The first with --instance-group-roles of update and with --prune, on which the order of a plan
rests: https://kops.sigs.k8s.io/tutorial/upgrading-kubernetes/."""
MIN_KUBECTL: Version = (1, 22, 0)
"""Server-side apply is stable: https://kubernetes.io/docs/reference/using-api/server-side-apply/."""
ANSWER_SECONDS = 60
"""For a question that no API has to be asked about."""

_VERSION = re.compile(r"\bv?([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})")


class Tools(msgspec.Struct, frozen=True):
    """Where the commands are, by absolute path; kubectl None where no step needs it."""

    kops: str
    kops_version: Version
    kubectl: str | None = None

    def path(self, name: str) -> str:
        """Return where the command of a step is."""
        return self.kops if name == "kops" else self.kubectl or name


def find_tools(
    commands: Commands,
    folder: Path,
    *,
    kops: str,
    kubectl: str,
    needs_kubectl: bool,
    kubernetes_versions: Iterable[str] = (),
) -> Tools:
    """Return the commands, checked.

    Raises:
        ToolUnfit: one is not there, does not tell its version, or is too old.
    """
    kops_path = _found(kops, "kops", "https://kops.sigs.k8s.io/getting_started/install/")
    version = _version(commands, folder, (kops_path, "version"), MIN_KOPS)
    for text in sorted(dict.fromkeys(kubernetes_versions)):
        match = _VERSION.match(text)
        # kops x.y knows Kubernetes up to x.y: https://kops.sigs.k8s.io/welcome/releases/
        if match is not None and (int(match[1]), int(match[2])) > version[:2]:
            raise ToolUnfit(
                f"kops {_shown(version)} does not know Kubernetes {text}",
                hint=f"install kops {match[1]}.{match[2]} or newer, or name one with --kops",
            )
    if not needs_kubectl:
        return Tools(kops_path, version)
    kubectl_path = _found(kubectl, "kubectl", "https://kubernetes.io/docs/tasks/tools/")
    _version(commands, folder, (kubectl_path, "version", "--client"), MIN_KUBECTL)
    return Tools(kops_path, version, kubectl_path)


def _found(name: str, option: str, where: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise ToolUnfit(
            f"there is no {name}", hint=f"install it ({where}) or name one with --{option}"
        )
    return str(Path(path).absolute())


def _version(
    commands: Commands, folder: Path, question: tuple[str, ...], least: Version
) -> Version:
    log = folder / "logs" / "tools.log"
    try:
        answer = commands.run(question, folder=folder, timeout_seconds=ANSWER_SECONDS, log=log)
    except NotRunnable as error:
        raise ToolUnfit(str(error)) from error
    match = _VERSION.search(answer.stdout.decode(errors="replace"))
    if not answer.succeeded or match is None:
        raise ToolUnfit(
            f"`{' '.join(question)}` {answer.ending} and tells no version",
            details=answer.last_lines,
        )
    found = int(match[1]), int(match[2]), int(match[3])
    if found < least:
        raise ToolUnfit(
            f"{question[0]} is version {_shown(found)}, and a plan needs {_shown(least)} or newer",
            hint="install a newer one, or name one with --kops or --kubectl",
        )
    return found


def _shown(version: Version) -> str:
    return ".".join(str(part) for part in version)
