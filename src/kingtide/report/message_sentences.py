"""What a controller answered to a queue and to lifecycle hooks, as sentences."""

from __future__ import annotations

from kingtide.control.message_actions import (
    AcknowledgeMessage,
    CompleteLifecycleAction,
    RecordLifecycleHeartbeat,
)

MessageAction = AcknowledgeMessage | CompleteLifecycleAction | RecordLifecycleHeartbeat


def asked_of_message(action: MessageAction) -> str:
    """Return what was asked, as `asked to delete message 7 from its queue`."""
    match action:
        case AcknowledgeMessage(message_id=identity):
            return f"asked to delete message {identity} from its queue"
        case CompleteLifecycleAction(result="ABANDON"):
            return (
                f"asked {action.group} to abandon {action.instance_id}, "
                f"which its hook {action.hook} holds"
            )
        case CompleteLifecycleAction():
            return (
                f"asked {action.group} to go on with {action.instance_id}, "
                f"which its hook {action.hook} holds"
            )
        case RecordLifecycleHeartbeat():
            return (
                f"asked {action.group} for more time for {action.instance_id}, "
                f"which its hook {action.hook} holds"
            )
