"""Secrets that annotations name, and what stands in their place where they cannot be used."""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found
from kingtide.controllers.ingress.annotations.phases import ACCESS
from kingtide.controllers.ingress.annotations.reading import Reading, shown
from kingtide.controllers.ingress.directive import Directive
from kingtide.kube.secrets import Secret

CLOSED = Found((Directive(ACCESS, ("http-request", "deny", "deny_status", "503")),))
"""Instead of protection that was asked for and cannot be had: nobody comes in."""


def closed(reading: Reading) -> Found:
    """Return what keeps everybody out, with the problems that say why."""
    return CLOSED.plus(Found(problems=tuple(reading.problems)))


def named_secret(reading: Reading, name: str) -> Secret | None:
    """Return the Secret that an annotation names, None where it names none or none can be had.

    A Secret of another namespace is anybody's only where the cluster's administrator names it.
    """
    text = reading.text(name)
    if text is None:
        return None
    scope = reading.scope
    namespace, slash, secret = text.rpartition("/")
    if not slash:
        namespace = scope.namespace
    is_far = namespace != scope.namespace and not reading.is_from(name, "values")
    if is_far and not scope.policy.allow_secrets_of_other_namespaces:
        message = f"{shown(text)} is of another namespace, which the policy does not allow"
        reading.refuse(name, message, "SecretRefused")
        return None
    found = scope.view.secrets.get(f"{namespace}/{secret}")
    if found is None:
        reading.refuse(
            name, f"there is no Secret {shown(f'{namespace}/{secret}')}", "SecretMissing"
        )
    return found
