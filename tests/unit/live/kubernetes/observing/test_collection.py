from __future__ import annotations

import gc

from kingtide.live.kubernetes.observing.collection import GarbageCollection


def test_collection_goes_on_when_the_last_list_is_read() -> None:
    collection = GarbageCollection()
    with collection.suspended():
        with collection.suspended():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_there_is_is_frozen_once() -> None:
    collection, before = GarbageCollection(), gc.get_freeze_count()
    try:
        collection.freeze()
        frozen = gc.get_freeze_count()
        assert frozen > before
        gc.unfreeze()
        collection.freeze()
        assert gc.get_freeze_count() < frozen
    finally:
        gc.unfreeze()
