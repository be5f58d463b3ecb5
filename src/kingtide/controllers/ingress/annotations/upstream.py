"""server-ssl, server-ca, server-crt, server-proto, send-proxy-protocol: how pods are spoken to.

Where a pod's certificate was to be checked, or one was to be shown, and that cannot be, nobody is
sent to the pod.
"""

from __future__ import annotations

from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.annotations.named_secret import CLOSED, named_secret
from kingtide.controllers.ingress.annotations.reading import Reading, one_of
from kingtide.controllers.ingress.desired import SecretFile
from kingtide.controllers.ingress.tls.pem import Unusable, authorities, certificate

_PROXY = {
    "proxy": "send-proxy",
    "proxy-v1": "send-proxy",
    "proxy-v2": "send-proxy-v2",
    "proxy-v2-ssl": "send-proxy-v2-ssl",
    "proxy-v2-ssl-cn": "send-proxy-v2-ssl-cn",
}


def upstream(scope: Scope) -> Found:
    """Return the options of a backend's servers."""
    reading = Reading(scope)
    words = _proxy(reading)
    proto = reading.value("server-proto", one_of("h1", "h2"))
    is_tls = reading.is_on("server-ssl")
    files = tuple(
        file for name in ("server-ca", "server-crt") if (file := _file(reading, name)) is not None
    )
    wanted = sum(reading.text(name) is not None for name in ("server-ca", "server-crt"))
    if is_tls or wanted:
        words += ("ssl",) if proto == "h1" else ("ssl", "alpn", "h2,http/1.1")
        authority = next((it for it in files if it.kind == "authorities"), None)
        shown = next((it for it in files if it.kind == "certificate"), None)
        words += ("verify", "none") if authority is None else _verified(authority)
        words += () if shown is None else ("crt", shown.name)
    elif proto == "h2":
        words += ("proto", "h2")
    found = Found(
        server_words=words,
        needs_slots=bool(files),  # a server that is added at run time cannot load a file
        secret_files=files,
        problems=tuple(reading.problems),
    )
    return found if len(files) == wanted else CLOSED.plus(found)


def upstream_of_connections(scope: Scope) -> Found:
    """Return the same for a backend that passes TLS on: who the client is may come before it."""
    reading = Reading(scope)
    return Found(server_words=_proxy(reading), problems=tuple(reading.problems))


def _proxy(reading: Reading) -> tuple[str, ...]:
    known = one_of(*_PROXY)
    proxy = reading.value("send-proxy-protocol", lambda text: known(text.lower()))
    return () if proxy is None else (_PROXY[proxy],)


def _verified(authority: SecretFile) -> tuple[str, ...]:
    return ("verify", "required", "ca-file", authority.name)


def _file(reading: Reading, name: str) -> SecretFile | None:
    secret = named_secret(reading, name)
    if secret is None:
        return None
    try:
        if name == "server-ca":
            return SecretFile("authorities", secret.key, authorities(secret))
        return SecretFile("certificate", secret.key, certificate(secret).pem)
    except Unusable as error:
        reading.refuse(name, f"Secret {secret.key}: {error}", "CertificateInvalid")
        return None
