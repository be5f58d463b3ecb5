"""Messages that a controller has not acknowledged yet."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message of the interruption queue, as received.

    It is delivered again, with a higher `receive_count`, until it is acknowledged or the queue
    gives up on it; the same event may arrive twice under two ids. `sent_ms` is when the queue got
    it.
    """

    message_id: str
    body: str
    sent_ms: int
    receive_count: int
