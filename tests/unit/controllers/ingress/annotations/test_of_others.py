"""Annotations of other controllers, as they document them, beside what is declared of them here."""

from __future__ import annotations

import pytest

from kingtide.controllers.ingress.annotations.declared import DECLARED, NOT_SUPPORTED
from kingtide.controllers.ingress.annotations.of_nginx import OF_NGINX

HAPROXYTECH = """
CI  auth-type auth-secret auth-realm=Protected_Content
CI  blacklist deny-list whitelist allow-list
CIS check=true check-http check-interval
C   clean-certs=true client-ca client-crt-optional=false client-strict-sni=false
C   generate-certificates-signer
CI  cors-enable=false cors-allow-origin=* cors-allow-methods=* cors-allow-credentials=false
CI  cors-allow-headers=* cors-max-age=5s
C   global-config-snippet frontend-config-snippet stats-config-snippet
CIS backend-config-snippet
CS  cookie-persistence cookie-persistence-no-dynamic
C   dontlognull=true logasap=false log-format log-format-tcp syslog-server
CI  src-ip-header
CIS forwarded-for=true
C   hard-stop-after=30m http-connection-mode=http-keep-alive
C   http-keep-alive=true http-server-close=false
CIS load-balance=roundrobin pod-maxconn
C   maxconn nbthread proxy-protocol quic-alt-svc-max-age
CI  path-rewrite set-host request-set-header response-set-header
CI  rate-limit-period=1s rate-limit-status-code=403 rate-limit-requests rate-limit-size=100k
CI  rate-limit-whitelist
CI  request-capture request-capture-len=128 request-redirect request-redirect-code=302
S   route-acl
CIS send-proxy-protocol server-ca server-crt server-proto server-ssl=false
CIS scale-server-slots=42 ssl-passthrough=false
C   ssl-certificate tls-alpn=h2,http/1.1
CI  ssl-redirect=false ssl-redirect-code=302 ssl-redirect-port=8443
IS  standalone-backend
CIS timeout-check timeout-server=50s
C   timeout-client=50s timeout-client-fin timeout-connect=5s timeout-http-request=5s
C   timeout-http-keep-alive=1m timeout-queue=5s timeout-server-fin timeout-tunnel=1h
"""
"""Where each may stand (ConfigMap, Ingress, Service) and what holds without it. Source:
https://github.com/haproxytech/kubernetes-ingress/blob/v3.2.12/documentation/annotations.md"""
UNSAID = {"check-interval": "2s", "standalone-backend": "false"}
"""Defaults that the table leaves out: HAProxy's own."""

NGINX = """
affinity affinity-canary-behavior affinity-mode allowlist-source-range app-root
auth-always-set-cookie auth-cache-duration auth-cache-key auth-keepalive auth-keepalive-requests
auth-keepalive-share-vars auth-keepalive-timeout auth-method auth-proxy-set-headers auth-realm
auth-request-redirect auth-response-headers auth-secret auth-secret-type auth-signin
auth-signin-redirect-param auth-snippet auth-tls-error-page auth-tls-match-cn
auth-tls-pass-certificate-to-upstream auth-tls-secret auth-tls-verify-client auth-tls-verify-depth
auth-type auth-url backend-protocol canary canary-by-cookie canary-by-header
canary-by-header-pattern canary-by-header-value canary-weight canary-weight-total
client-body-buffer-size configuration-snippet connection-proxy-header cors-allow-credentials
cors-allow-headers cors-allow-methods cors-allow-origin cors-expose-headers cors-max-age
custom-headers custom-http-errors default-backend denylist-source-range
disable-proxy-intercept-errors enable-access-log enable-cors enable-global-auth enable-modsecurity
enable-opentelemetry enable-owasp-core-rules enable-rewrite-log fastcgi-index
fastcgi-params-configmap force-ssl-redirect from-to-www-redirect http2-push-preload
limit-allowlist limit-burst-multiplier limit-connections limit-rate limit-rate-after limit-rpm
limit-rps load-balance mirror-host mirror-request-body mirror-target modsecurity-snippet
modsecurity-transaction-id opentelemetry-operation-name opentelemetry-trust-incoming-span
permanent-redirect permanent-redirect-code preserve-trailing-slash proxy-body-size
proxy-buffer-size proxy-buffering proxy-buffers-number proxy-connect-timeout proxy-cookie-domain
proxy-cookie-path proxy-http-version proxy-max-temp-file-size proxy-next-upstream
proxy-next-upstream-timeout proxy-next-upstream-tries proxy-read-timeout proxy-redirect-from
proxy-redirect-to proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers proxy-ssl-name
proxy-ssl-protocols proxy-ssl-secret proxy-ssl-server-name proxy-ssl-verify
proxy-ssl-verify-depth relative-redirects rewrite-target satisfy server-alias server-snippet
service-upstream session-cookie-change-on-failure session-cookie-conditional-samesite-none
session-cookie-domain session-cookie-expires session-cookie-max-age session-cookie-name
session-cookie-partitioned session-cookie-path session-cookie-samesite session-cookie-secure
ssl-ciphers ssl-passthrough ssl-prefer-server-ciphers ssl-redirect stream-snippet
temporal-redirect temporal-redirect-code upstream-hash-by upstream-hash-by-subset
upstream-hash-by-subset-size upstream-vhost use-port-in-redirects use-regex x-forwarded-prefix
"""
"""Source: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk"""


def of_haproxytech() -> list[tuple[str, str, str]]:
    """Return places, name and default of each."""
    rows = [line.split() for line in HAPROXYTECH.splitlines() if line]
    found = [(places, *word.partition("=")[::2]) for places, *words in rows for word in words]
    return [(places, name, default.replace("_", " ")) for places, name, default in found]


@pytest.mark.parametrize(
    ("places", "name", "default"),
    [pytest.param(*it, id=it[1]) for it in of_haproxytech() if it[1] not in NOT_SUPPORTED],
)
def test_an_annotation_stands_where_theirs_may_and_another_default_is_told(
    places: str, name: str, default: str
) -> None:
    ours = DECLARED[name]
    letters = {"values": "C", "ingress": "I", "service": "S"}
    assert {letters[it] for it in ours.on} == set(places)
    assert ours.default == UNSAID.get(name, default) or ours.differs
    assert not ours.is_own


def test_what_is_compared_with_theirs_is_theirs() -> None:
    theirs = {name for _, name, _ in of_haproxytech()}
    compared = {name for name, it in DECLARED.items() if not it.is_own}
    beside_their_table = {"cors-respond-to-options"}
    assert compared - theirs == beside_their_table
    assert set(NOT_SUPPORTED) - theirs == {"server-slots", "servers-increment"}


def test_each_of_ingress_nginxs_is_told() -> None:
    assert not set(NGINX.split()) - {name for it in OF_NGINX for name in it.names}
