"""Which Ingresses are ours.

haproxytech's rules, so that a cluster changes over without touching its Ingresses. Source:
https://github.com/haproxytech/kubernetes-ingress/blob/v3.2.12/documentation/ingressclass.md
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.kube.ingresses import CLASS_ANNOTATION, Ingress, IngressClass

CONTROLLER = "haproxy.org/ingress-controller"
"""What `spec.controller` of an IngressClass says of us; with `/<class>` for a named one."""


def is_ours(
    ingress: Ingress,
    classes: Mapping[str, IngressClass],
    controller_class: str = "",
    *,
    accept_empty: bool = False,
) -> bool:
    """Return whether an Ingress is for the controller of this class (empty: for the unnamed one).

    An Ingress that names no class is that of the default IngressClass; where there is none either,
    the unnamed controller takes it, a named one only with `accept_empty`. A class that does not
    exist is nobody's.
    """
    annotated = ingress.annotations.get(CLASS_ANNOTATION)
    if ingress.class_name is None and annotated is not None:
        return annotated == controller_class
    return is_chosen(_controller_of(ingress, classes), controller_class, accept_empty=accept_empty)


def is_chosen(named: str | None, controller_class: str = "", *, accept_empty: bool = False) -> bool:
    """Return whether `named`, an IngressClass' controller, is us; None: no class applies."""
    if named is None:
        return accept_empty or not controller_class
    return named == (f"{CONTROLLER}/{controller_class}" if controller_class else CONTROLLER)


def _controller_of(ingress: Ingress, classes: Mapping[str, IngressClass]) -> str | None:
    """Return the controller of its class, or of the default; empty where its class is missing."""
    if ingress.class_name is not None:
        found = classes.get(ingress.class_name)
        return "" if found is None else found.controller
    defaults = sorted(it.name for it in classes.values() if it.is_default)
    return classes[defaults[0]].controller if defaults else None
