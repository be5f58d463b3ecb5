"""The settings of the ingress controller.

Named after haproxytech's flags where they have one. Source:
https://github.com/haproxytech/kubernetes-ingress/blob/v3.2.12/documentation/controller.md
"""

from __future__ import annotations

from typing import Annotated

import msgspec


class IngressPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which Ingresses are served, where, and what users may write."""

    ingress_class: str = ""
    """Of several controllers on a cluster, the one this is; empty is the only one.

    Flag: --ingress.class.
    """

    accept_empty_class: bool = False
    """Whether a controller with a class also takes Ingresses that name none.

    Flag: --empty-ingress-class.
    """

    config_map: str = ""
    """`namespace/name` of the ConfigMap with values for all Ingresses. Flag: --configmap."""

    default_backend: str = ""
    """`namespace/name` of the Service that answers where no rule does; empty answers 404.

    Flag: --default-backend-service.
    """

    http_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8080
    """Where HTTP is taken. Flag: --http-bind-port, with the same default."""

    https_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8443
    """Where HTTPS is taken. Flag: --https-bind-port, with the same default."""

    allow_snippets: bool = False
    """Whether users may write lines of HAProxy's configuration: whoever may, owns the proxy."""

    server_slots: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 42
    """Free places are kept in multiples of it where servers cannot be added while HAProxy runs.

    Key: scale-server-slots, with the same default.
    """

    stats_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 1024
    """Where HAProxy shows its metrics. Flag: --stats-bind-port, with the same default."""

    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 2
    """Of HAProxy. Key: nbthread, there as many as the machine has processors; here a number, since
    what a pod may use is its limit. One thread served 45,000 requests/s on two shared cores."""

    replicas: Annotated[int, msgspec.Meta(ge=1, le=100)] = 2
    """Pods that serve, each on a node of its own: what `kingtide install` asks for."""

    reload_interval_seconds: Annotated[int, msgspec.Meta(ge=1, le=600)] = 5
    """Between two reloads at least: what needs one waits and comes together; the first comes at
    once. Each leaves an old process behind until its connections end. Flag: --sync-period, with the
    same default."""

    drain_seconds: Annotated[int, msgspec.Meta(ge=0, le=900)] = 30
    """Between the signal to end and taking no more connections: until the load balancer has seen
    that the pod is not ready and sends nothing new. An ALB that looks every 10 s needs 20 s."""

    publish_service: str = ""
    """`namespace/name` of the Service whose load balancer is written to the status of Ingresses.

    Flag: --publish-service.
    """

    publish_addresses: tuple[str, ...] = ()
    """Host names or addresses that are written to the status of Ingresses, such as those of a load
    balancer that no Service made. Flag: --publish-address."""

    allow_secrets_of_other_namespaces: bool = False
    """Whether an annotation of an Ingress may name a Secret outside its namespace.

    Whoever may write Ingresses then uses every Secret of the cluster, as with haproxytech's
    controller, though not read it. The ConfigMap may name any.
    """

    external_auth_hosts: tuple[str, ...] = ()
    """Hosts that any Ingress may name in auth-url, beside Services of its own namespace.

    As `oauth2-proxy.auth.svc`, `*.example.com` or an address. None by default: the controller
    reaches what pods may not, as the metadata of its machine and other namespaces. Names that lead
    to addresses of the machine itself are not asked even so; an address that is named here is.
    """

    external_auth_timeout_seconds: Annotated[int, msgspec.Meta(ge=1, le=9)] = 5
    """Within which auth-url has to answer; who gives none lets nobody in (503).

    A login is looked up in milliseconds; a service that takes longer is down.
    """
