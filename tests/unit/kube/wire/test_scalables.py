from __future__ import annotations

import msgspec
import pytest

from kingtide.kube.pods import OwnerReference
from kingtide.kube.scalable_documents import NotScalable
from kingtide.kube.scalables import Scalable, ScalableKind
from kingtide.kube.wire.scalables import scalable_kinds


@pytest.mark.parametrize("kind", scalable_kinds())
def test_what_is_written_is_read_again(kind: ScalableKind) -> None:
    api = scalable_kinds()[kind]
    it = Scalable(
        kind,
        "shop",
        "it",
        "u",
        created_ms=1_700_000_000_000,
        labels={"a": "b"},
        annotations={"c": "d"},
        owners=(OwnerReference("Stack", "s", "v", "zalando.org/v1"),),
        size=3,
    )
    assert api.read(msgspec.json.encode(api.body(it))) == it


def test_an_item_of_a_list_may_leave_out_its_kind() -> None:
    read = scalable_kinds()["ScaledObject"].read
    found = read(b'{"metadata": {"name": "it"}, "spec": {"scaleTargetRef": {"name": "api"}}}')
    assert (found.key, found.size, found.target_name) == ("ScaledObject/default/it", None, "api")


@pytest.mark.parametrize("written", [b"[]", b"{}", b'{"metadata": {"name": 1}}', b"{"])
def test_what_is_no_such_object_is_refused(written: bytes) -> None:
    with pytest.raises((NotScalable, msgspec.DecodeError)):
        scalable_kinds()["Rollout"].read(written)
