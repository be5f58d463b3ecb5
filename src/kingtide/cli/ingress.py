"""`kingtide ingress render`, `kingtide ingress explain` and `kingtide ingress agent`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from kingtide.cli.failure import BadInput, ExitCode
from kingtide.cli.ingress_agent import serve_agent
from kingtide.cli.ingress_explain import Asked, explain_request
from kingtide.cli.ingress_render import Rendering, render_ingresses
from kingtide.cli.ingress_settings import Settings
from kingtide.cli.reached_cluster import Reach

_ONLY_RENDER = ("--out", "--check")
_ONLY_EXPLAIN = ("--header", "--kubeconfig", "--context")


def ingress(
    action: Literal["render", "explain", "agent"],
    words: Annotated[tuple[str, ...], Parameter(negative="", allow_leading_hyphen=True)] = (),
    /,
    *,
    fleet: Path | None = None,
    cluster: str | None = None,
    ingress_class: str | None = None,
    config_map: str | None = None,
    out: Path | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    header: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    kubeconfig: Path | None = None,
    context: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> ExitCode:
    """Render Ingresses as HAProxy's files, explain what a request meets, or ask who may pass.

    `render` takes Ingress, IngressClass, Service, EndpointSlice, Secret and ConfigMap as
    `kubectl get -o yaml` writes them, and ends with 1 where anything of an Ingress has no effect.
    `explain HOST PATH` tells the rule, the ones that were passed and why, the backend, what is done
    on the way, and the servers; it ends with 1 where no server would answer. It asks the cluster
    where no files are named. `agent FOLDER` asks the services of auth-url for a HAProxy that runs
    with rendered files; `run ingress` does that by itself.

    Args:
        action: What to do: render, explain or agent.
        words: Files, folders, or - for what is piped in; before them HOST and PATH of `explain`.
            The folder of HAProxy's files of `agent`.
        fleet: The fleet's folder, for the settings of its cluster.
        cluster: The cluster's name in the fleet.
        ingress_class: The controller's class, not the settings'.
        config_map: namespace/name of the ConfigMap with values for all, not the settings'.
        out: The folder HAProxy's files are written into; printed when absent.
        check: Have the HAProxy of this machine check the files, and start with them.
        header: A header of the request, as 'X-Canary: always'; may be repeated.
        kubeconfig: The kubeconfig; otherwise $KUBECONFIG, the service account, ~/.kube/config.
        context: The kubeconfig's context; its current one when absent.
        json: Print JSON instead.
    """
    options: dict[str, object] = {"--out": out, "--check": check, "--header": header}
    options |= {"--kubeconfig": kubeconfig, "--context": context}
    settings = Settings(fleet, cluster, ingress_class, config_map)
    if action == "agent":
        of_rules = {"--ingress-class": ingress_class, "--config-map": config_map, "--json": json}
        return serve_agent(words, settings, {**options, **of_rules})
    _refuse_others(action, options)
    if action == "render":
        files = tuple(Path(it) for it in words)
        return render_ingresses(files, settings, Rendering(out, check, json))
    asked, files = _asked(words, header)
    if files and (kubeconfig or context):
        raise BadInput("files or a cluster, not both", hint="leave --kubeconfig and --context out")
    return explain_request(asked, files, settings, Reach(kubeconfig, context), as_json=json)


def _asked(words: tuple[str, ...], header: tuple[str, ...]) -> tuple[Asked, tuple[Path, ...]]:
    """Return the request that `explain` is asked about, and the files to look into."""
    if len(words) < 2:
        hint = "kingtide ingress explain shop.example.com /cart ingresses.yaml"
        raise BadInput("explain needs a host and a path", hint=hint)
    host, path, *rest = words
    if "/" in host or any(it.isspace() for it in host):
        hint = "write host and path apart, without a scheme: shop.example.com /cart"
        raise BadInput(f"{host!r} is no host", hint=hint)
    if not path.startswith("/"):
        raise BadInput(f"{path!r} is no path", hint="write it as it is requested: /cart")
    asked = Asked(host, path.partition("?")[0], _headers(header))
    return asked, tuple(Path(it) for it in rest)


def _refuse_others(action: str, given: Mapping[str, object]) -> None:
    for option in _ONLY_EXPLAIN if action == "render" else _ONLY_RENDER:
        if given[option]:
            raise BadInput(f"{option} is not of `ingress {action}`")


def _headers(written: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for text in written:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise BadInput(f"--header: {text!r} is none", hint="write 'X-Canary: always'")
        found[name.strip()] = value.strip()
    return found
