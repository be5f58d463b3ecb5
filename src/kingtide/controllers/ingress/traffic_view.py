"""What the controller sees of a cluster: the objects by which traffic finds its pods."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.kube.ingresses import Ingress, IngressClass
from kingtide.kube.secrets import Secret
from kingtide.kube.services import EndpointSlice, Service
from kingtide.kube.workloads import ConfigMap


class TrafficView(msgspec.Struct, frozen=True, gc=False):
    """Objects by `namespace/name`, classes by name, slices by the `namespace/name` of a Service."""

    ingresses: Mapping[str, Ingress] = {}
    classes: Mapping[str, IngressClass] = {}
    services: Mapping[str, Service] = {}
    slices: Mapping[str, tuple[EndpointSlice, ...]] = {}
    secrets: Mapping[str, Secret] = {}
    config_maps: Mapping[str, ConfigMap] = {}
