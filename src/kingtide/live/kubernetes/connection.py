"""How a cluster is reached: a kubeconfig's context, or the service account of the pod we run in."""

from __future__ import annotations

import os
from pathlib import Path

import httpx2
from lightkube.config.client_adapter import BearerAuth, BearerTokenFileAuth, verify_cluster
from lightkube.config.kubeconfig import SERVICE_ACCOUNT, KubeConfig, SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError
from yaml import YAMLError

from kingtide.live.identity import user_agent
from kingtide.live.kubernetes.exec_credentials import ExecAuth
from kingtide.live.kubernetes.failures import NotConnectable

TIMEOUT = httpx2.Timeout(30, connect=10)
"""Of one call; a list of pages is many. Watches have a longer one of their own."""
MAX_CONNECTIONS = 64
"""A dozen watches, and room for writes at once: eight controllers do not need more."""

_HINT = "name a file with --kubeconfig, and a context of it with --context"


def cluster_connection(
    kubeconfig: Path | None = None,
    context: str | None = None,
    service_account: Path = Path(SERVICE_ACCOUNT),
) -> httpx2.AsyncClient:
    """Return a client of a cluster's API.

    Without a kubeconfig: the one that $KUBECONFIG names, else the pod's service account, else
    ~/.kube/config. An explicit kubeconfig or context always wins over the service account, whose
    files are where the kubelet mounts them.

    Raises:
        NotConnectable: there is none, it cannot be read, or names what it does not hold.
    """
    found = _configuration(kubeconfig, context, service_account)
    user = found.user or User()
    try:
        verify = verify_cluster(found.cluster, user, found.abs_file)
    except (OSError, ValueError, ConfigError) as error:
        raise NotConnectable(f"a certificate of the kubeconfig cannot be read ({error})") from error
    return httpx2.AsyncClient(
        base_url=found.cluster.server,
        verify=verify,
        auth=_authentication(user, found),
        timeout=TIMEOUT,
        limits=httpx2.Limits(max_connections=MAX_CONNECTIONS),
        headers={"User-Agent": user_agent(), "Accept": "application/json"},
    )


def _configuration(
    kubeconfig: Path | None, context: str | None, service_account: Path
) -> SingleConfig:
    try:
        config = _config(kubeconfig, None if context else service_account)
        found = config.get(context)
    except (ConfigError, OSError) as error:
        raise NotConnectable(f"no cluster is configured ({error}); {_HINT}") from error
    except (YAMLError, ValueError, TypeError, KeyError, AttributeError):
        # Unchained: what such an error quotes may be a token.
        raise NotConnectable(f"the kubeconfig is none that kubectl would take; {_HINT}") from None
    if found is None:
        raise NotConnectable("the kubeconfig has no current context; name one with --context")
    if not str(found.cluster.server).startswith(("https://", "http://")):
        raise NotConnectable(f"the kubeconfig's server is no https address; {_HINT}")
    return found


def _config(kubeconfig: Path | None, service_account: Path | None) -> KubeConfig:
    if kubeconfig is not None:
        return KubeConfig.from_file(kubeconfig)
    named = os.environ.get("KUBECONFIG")
    if named:
        return KubeConfig.from_file(named)
    if service_account is not None and (service_account / "token").is_file():
        return KubeConfig.from_service_account(service_account)
    return KubeConfig.from_file("~/.kube/config")


def _authentication(user: User, found: SingleConfig) -> httpx2.Auth | None:
    if user.token_file is not None:
        return BearerTokenFileAuth(str(found.abs_file(user.token_file)))
    if user.token is not None:
        return BearerAuth(user.token)
    if user.exec is not None:
        return ExecAuth(user.exec)
    if user.username and user.password:
        return httpx2.BasicAuth(user.username, user.password)
    if user.auth_provider:
        raise NotConnectable("auth-provider is gone from Kubernetes; use an exec command")
    return None
