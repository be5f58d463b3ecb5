"""Messages of the interruption queue: acknowledged once their intent stands on the node."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action
from kingtide.control.claims import disruption_claim
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.outcome import Outcome
from kingtide.twin.invariants.invariant import Invariant

INTERRUPTION = "EC2 Spot Instance Interruption Warning"


class _Detail(msgspec.Struct, frozen=True):
    instance_id: str = msgspec.field(name="instance-id", default="")


class _Event(msgspec.Struct, frozen=True):
    detail_type: str = msgspec.field(name="detail-type", default="")
    detail: _Detail = _Detail()


class IntentsStandFirst(Invariant):
    """Remembers a message's body before it is acknowledged, and looks at its node afterwards.

    The body is the queue's, also of a message that its reader does not hold any more: what an old
    leader acknowledges late is gone for its successor as well. A claim at rest tells nobody that
    the node ends.
    """

    name = "intents-stand-first"
    rule = (
        "An interruption warning is acknowledged only once its node bears a disruption claim that"
        " is not at rest (or is gone): a crash after that loses nothing."
    )

    def follow(self) -> None:
        """See each acknowledgement before it is performed."""
        self._body = ""
        self.world.writes.listen(lambda *_: None, self._before)

    def _before(self, controller: str, action: Action) -> None:
        del controller
        if isinstance(action, AcknowledgeMessage):
            self._body = self.world.cloud.queue.body_of(action.message_id)

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at the node that the message was about."""
        if not isinstance(action, AcknowledgeMessage) or outcome.status != "done":
            return
        try:
            event = msgspec.json.decode(self._body, type=_Event)
        except msgspec.DecodeError:
            return  # wrapped, malformed or gone: nothing that we could hold it to
        node = self.world.store.nodes.get(event.detail.instance_id)
        if event.detail_type != INTERRUPTION or node is None:
            return
        claim = disruption_claim(node.annotations)
        if self.world.machines.is_up(node.name) and (claim is None or claim.rests):
            self.broken(f"node/{node.name}", f"{controller} acknowledged its notice before that")
