"""What the cloud does in a world beyond launching what is asked for: data, all of it optional."""

from __future__ import annotations

import msgspec

DUPLICATES_PER_MILLION = 1_000
"""EventBridge and SQS standard queues deliver at least once and do not say how often twice; one in
a thousand is judged, so that an evening of hundreds of messages sees it now and then.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
"""


class CloudConditions(msgspec.Struct, frozen=True):
    """How the cloud behaves; a world of defaults has instances that nobody takes away."""

    duplicate_messages_per_million: int = DUPLICATES_PER_MILLION
