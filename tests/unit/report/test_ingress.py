"""Rendered Ingresses, as they are printed."""

from __future__ import annotations

from kingtide.report.ingress import shown_files


def test_private_keys_are_not_printed() -> None:
    key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n"
    shown = shown_files({"haproxy.cfg": "global\n", "certs/a.pem": f"-----BEGIN X-----\n{key}"})
    assert shown["haproxy.cfg"] == "global\n"
    assert shown["certs/a.pem"] == "(it holds a private key, which only --out writes)\n"


def test_hashes_of_passwords_are_not_printed() -> None:
    text = "userlist shop\n  user ann password $5$salt$hash\n  user bob password 'x y'\n"
    shown = shown_files({"haproxy.cfg": text})
    assert shown["haproxy.cfg"] == (
        "userlist shop\n  user ann password (hidden)\n  user bob password (hidden)\n"
    )
