"""Takes secrets out of what external commands say, before anything is stored or shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "[hidden]"

_SECRET_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|PRIVATE_KEY")
SHORTEST_SECRET = 8
"""Shorter values of such variables are words (`aws`, `default`) that stand in every other line."""

_PATTERNS = (
    # Access key ids: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    # JSON Web Tokens, as service accounts and OIDC have them.
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    re.compile(
        r"(?i)(?<=password:|password=)\s*[^\s,]+|(?i:client-key-data|client-certificate-data):\s*\S+"
    ),
)


class Redaction:
    """Hides the values of an environment's secret variables, and what looks like a secret."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = sorted(
            {
                value
                for name, value in environment.items()
                if _SECRET_NAME.search(name.upper()) and len(value) >= SHORTEST_SECRET
            },
            key=lambda value: (-len(value), value),
        )

    def of(self, text: str) -> str:
        """Return a text without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for pattern in _PATTERNS:
            text = pattern.sub(HIDDEN, text)
        return text
