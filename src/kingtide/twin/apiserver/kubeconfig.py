"""The kubeconfig with which kubectl and others find the server."""

from __future__ import annotations

import base64

import msgspec


def kubeconfig(cluster: str, server: str, authority: bytes, token: str) -> bytes:
    """Return a kubeconfig of one context; `authority` is PEM. It holds the token: a secret.

    JSON, which is YAML too.
    """
    name = f"kingtide-{cluster}"
    authority_data = base64.b64encode(authority).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": name,
                "cluster": {"server": server, "certificate-authority-data": authority_data},
            }
        ],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, "namespace": "default"}}
        ],
        "current-context": name,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
