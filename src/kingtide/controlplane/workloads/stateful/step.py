"""What one look at a StatefulSet leads to."""

from __future__ import annotations

import msgspec

from kingtide.kube.pods import Pod


class NewMember(msgspec.Struct, frozen=True, gc=False):
    """A pod to be created: its ordinal and the revision whose template it is made from."""

    ordinal: int
    revision: str


class StatefulStep(msgspec.Struct, frozen=True):
    """Pods to be created and deleted, in this order.

    `waits_for` is the name of the pod on which an ordered set waits, empty when it waits for none.
    """

    create: tuple[NewMember, ...] = ()
    delete: tuple[Pod, ...] = ()
    waits_for: str = ""

    @property
    def is_rest(self) -> bool:
        """Whether nothing is to be done."""
        return not self.create and not self.delete
