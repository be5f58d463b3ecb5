"""Which certificate answers for which host.

By the hosts that an Ingress names beside its Secret, not by the names within: who brings a
certificate for somebody else's host takes no request of his. The oldest Ingress has a host first.
A host that nobody names so has one of its own namespace that is for it, as with haproxytech's
controller, where the names within are all that counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.controllers.ingress.desired import Certificate
from kingtide.controllers.ingress.names import host_problem
from kingtide.controllers.ingress.tls.pem import Unusable, Usable, certificate
from kingtide.controllers.ingress.told import Problem
from kingtide.kube.ingresses import Ingress, IngressTls
from kingtide.kube.secrets import Secret


class Certificates:
    """Gathers certificates Ingress by Ingress; `now_ms` None: nobody asks whether they expired."""

    def __init__(self, secrets: Mapping[str, Secret], now_ms: int | None) -> None:
        self._secrets = secrets
        self._now_ms = now_ms
        self._hosts: dict[str, str] = {}
        self._late: list[str] = []
        self._ruled: dict[str, str] = {}
        self._within: dict[tuple[str, str], str] = {}
        self._found: dict[str, Usable] = {}

    def take(self, ingress: Ingress, told: dict[Problem, None]) -> None:
        """Take in what one Ingress says of TLS."""
        for rule in ingress.rules:
            self._ruled.setdefault(rule.host.lower().rstrip("."), ingress.namespace)
        for number, one in enumerate(ingress.tls):
            place = f"spec.tls[{number}]"
            if one.secret:
                self._take(ingress, one, place, told)

    def _take(
        self, ingress: Ingress, one: IngressTls, place: str, told: dict[Problem, None]
    ) -> None:
        key = f"{ingress.namespace}/{one.secret}"
        usable = self.usable(key, f"{place}.secretName", told)
        if usable is None:
            return
        if self._is_valid(usable):
            for name in usable.names:
                self._within.setdefault((ingress.namespace, name), key)
        hosts = one.hosts or tuple(rule.host for rule in ingress.rules if rule.host)
        if not hosts:
            self._late.append(key)
        for host in hosts:
            wrong = host_problem(host) if host else "it is empty"
            if wrong:
                told[Problem("HostInvalid", f"{place}.hosts", wrong)] = None
                continue
            name = host.lower().rstrip(".")
            if not _covers(usable.names, name):
                message = f"the certificate of Secret {key} is not for {name}: browsers refuse it"
                told[Problem("CertificateInvalid", f"{place}.hosts", message)] = None
            taken = self._hosts.setdefault(name, key)
            if taken != key:
                message = f"{name} has the certificate of Secret {taken} already"
                told[Problem("CertificateConflict", f"{place}.hosts", message)] = None

    def usable(self, key: str, place: str, told: dict[Problem, None]) -> Usable | None:
        """Return the certificate of a Secret by `namespace/name`, None where there is none."""
        secret = self._secrets.get(key)
        if secret is None:
            told[Problem("SecretMissing", place, f"there is no Secret {key}")] = None
            return None
        try:
            found = certificate(secret)
        except Unusable as error:
            message = f"Secret {key}: {error}; it is not loaded"
            told[Problem("CertificateInvalid", place, message)] = None
            return None
        self._found[key] = found
        if not self._is_valid(found):
            has_ended = self._now_ms is not None and self._now_ms >= found.ends_ms
            when = "has expired" if has_ended else "is not valid yet"
            told[Problem("CertificateExpired", place, f"Secret {key}: it {when}")] = None
        return found

    def _take_unnamed(self) -> None:
        """Give hosts of rules, which nobody names beside a Secret, one of their namespace."""
        for host, namespace in self._ruled.items():
            if not host or host in self._hosts or host_problem(host):
                continue
            name, wildcard = _names_for(host)
            key = self._within.get((namespace, name)) or self._within.get((namespace, wildcard))
            if key is not None and self._hosts.get(wildcard) != key:  # which is looked up anyway
                self._hosts[host] = key

    def _is_valid(self, it: Usable) -> bool:
        return self._now_ms is None or it.begins_ms <= self._now_ms < it.ends_ms

    @property
    def has_any(self) -> bool:
        """Whether there is a certificate at all, so that TLS is served."""
        return bool(self._found)

    def composed(self, default: str) -> tuple[Certificate, ...]:
        """Return the certificates with their hosts; `default` (a Secret or "") comes first."""
        self._take_unnamed()
        for key in self._late:
            for name in self._found[key].names:
                if not host_problem(name):
                    self._hosts.setdefault(name, key)
        hosts: dict[str, list[str]] = {default: []} if default in self._found else {}
        for name in sorted(self._hosts):
            hosts.setdefault(self._hosts[name], []).append(name)
        return tuple(
            Certificate(key, it.pem, tuple(names), key == default, it.mark)
            for key, names in hosts.items()
            for it in (self._found[key],)
        )


def _covers(names: tuple[str, ...], host: str) -> bool:
    """Return whether a certificate of these names is for a host (RFC 6125, section 6.4.3)."""
    return any(it in names for it in _names_for(host))


def _names_for(host: str) -> tuple[str, str]:
    """Return the names within a certificate that are for a host, its own first."""
    return host, f"*.{host.partition('.')[2]}"
