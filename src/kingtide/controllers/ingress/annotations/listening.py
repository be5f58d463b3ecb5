"""How connections are taken: proxy-protocol, ALPN, the default certificate, clients' ones."""

from __future__ import annotations

from re import fullmatch

from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.annotations.named_secret import named_secret
from kingtide.controllers.ingress.annotations.reading import Reading, Unreadable, shown
from kingtide.controllers.ingress.annotations.whole import Whole
from kingtide.controllers.ingress.desired import Listening, SecretFile
from kingtide.controllers.ingress.tls.pem import Unusable, authorities

ALPN = "h2,http/1.1"


def listening(scope: Scope) -> Whole:
    """Return how connections are taken.

    Where clients' certificates are asked for and their authority cannot be had, nobody is answered
    over TLS.
    """
    reading = Reading(scope)
    file = _client_authorities(reading)
    secret = named_secret(reading, "ssl-certificate")
    taken = Listening(
        alpn=reading.value("tls-alpn", _protocols) or ALPN,
        proxies=_proxies(reading),
        client_authorities=file,
        is_client_optional=reading.is_on("client-crt-optional"),
        is_strict=reading.is_on("client-strict-sni"),
        is_closed=file is None and reading.text("client-ca") is not None,
    )
    return Whole(
        listening=taken,
        secret_files=() if file is None else (file,),
        default_certificate="" if secret is None else secret.key,
        problems=tuple(reading.problems),
    )


def _client_authorities(reading: Reading) -> SecretFile | None:
    secret = named_secret(reading, "client-ca")
    if secret is None:
        return None
    try:
        return SecretFile("authorities", secret.key, authorities(secret))
    except Unusable as error:
        reading.refuse("client-ca", f"Secret {secret.key}: {error}", "CertificateInvalid")
        return None


def _proxies(reading: Reading) -> tuple[str, ...]:
    """Return who tells of clients before they speak: a mistake in the list takes itself away alone.

    Without the others their load balancer's every connection would be answered 400.
    """
    return reading.known_networks("proxy-protocol", "the others are expected to speak it")


def _protocols(text: str) -> str:
    protocols = [part.strip() for part in text.split(",")]
    if not all(fullmatch(r"h2|http/1\.1|http/1\.0", it) for it in protocols):
        raise Unreadable(f"{shown(text)} is no list of h2, http/1.1 and http/1.0")
    return ",".join(dict.fromkeys(protocols))
