"""What a pod requests, as the autoscaler counts it."""

from __future__ import annotations

from typing import Literal

import msgspec


class MissingRequest(msgspec.Struct, frozen=True, gc=False):
    """Why a pod has no request to compare its usage with; `message` is the controller's own wording."""

    error: Literal["missing_request", "container_not_found"]
    message: str
