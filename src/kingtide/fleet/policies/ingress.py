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
