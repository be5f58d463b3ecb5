"""Ingresses and their classes: which requests go to which Service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

PathType = Literal["Exact", "Prefix", "ImplementationSpecific"]

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
"""How an Ingress named its class before `spec.ingressClassName`; still read by controllers.
Source: https://kubernetes.io/docs/concepts/services-networking/ingress/ (v1.36)."""
DEFAULT_CLASS_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"
"""On an IngressClass: "true" makes it that of Ingresses which name none."""


class IngressBackend(msgspec.Struct, frozen=True, gc=False):
    """A Service and its port, by number or by name.

    A backend that is no Service (`resource`) has an empty service: nobody here serves those.
    """

    service: str
    port: int | str = 0


class HttpPath(msgspec.Struct, frozen=True, gc=False):
    """A path of a rule; an empty one stands for all."""

    path: str
    path_type: PathType
    backend: IngressBackend


class IngressRule(msgspec.Struct, frozen=True, gc=False):
    """The paths of a host; an empty host is any, `*.example.com` any with one more label.

    A rule without paths sends everything to the default backend of its Ingress.
    """

    host: str = ""
    paths: tuple[HttpPath, ...] = ()


class IngressTls(msgspec.Struct, frozen=True, gc=False):
    """Hosts for which a Secret of the same namespace holds the certificate.

    An empty secret asks for TLS with the controller's default certificate.
    """

    hosts: tuple[str, ...] = ()
    secret: str = ""


class Ingress(msgspec.Struct, frozen=True, gc=False):
    """An Ingress. `class_name` None: it names no class in its spec.

    `addresses` are names and addresses by which its status says that it is reached.
    """

    namespace: str
    name: str
    uid: str = ""
    class_name: str | None = None
    rules: tuple[IngressRule, ...] = ()
    default_backend: IngressBackend | None = None
    tls: tuple[IngressTls, ...] = ()
    annotations: Mapping[str, str] = {}
    created_ms: int = 0
    resource_version: int = 0
    addresses: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


class IngressClass(msgspec.Struct, frozen=True, gc=False):
    """An IngressClass: its controller's name, and whether it is the default."""

    name: str
    controller: str
    is_default: bool = False
    resource_version: int = 0

    @property
    def key(self) -> str:
        """Its name: classes stand in no namespace."""
        return self.name
