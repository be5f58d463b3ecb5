"""Answers to a queue and to lifecycle hooks as sentences."""

from typing import Any

import pytest

from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)
from kingtide.report.action_sentences import action_text
from kingtide.report.message_sentences import MessageAction

HELD: dict[str, Any] = {
    "group": "spot",
    "hook": "drain",
    "instance_id": "i-1",
    "token": "t",
    "reason": "i-1 is empty",
}
ACTIONS: tuple[tuple[MessageAction, str], ...] = (
    (
        AcknowledgeMessage(message_id="m-7", reason="its node is told"),
        "asked to delete message m-7 from its queue: its node is told",
    ),
    (
        CompleteLifecycleAction(**HELD),
        "asked spot to go on with i-1, which its hook drain holds: i-1 is empty",
    ),
    (
        CompleteLifecycleAction(**HELD, result="ABANDON"),
        "asked spot to abandon i-1, which its hook drain holds: i-1 is empty",
    ),
    (
        RecordLifecycleHeartbeat(**HELD),
        "asked spot for more time for i-1, which its hook drain holds: i-1 is empty",
    ),
)


@pytest.mark.parametrize(("action", "text"), ACTIONS, ids=lambda it: type(it).__name__)
def test_an_answer_is_told_in_a_sentence(action: MessageAction, text: str) -> None:
    assert action_text(action) == text
