"""What backends and the ConfigMap ask for beyond themselves, put where the whole proxy has it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from msgspec.structs import replace

from kingtide.controllers.ingress.annotations.family import Found
from kingtide.controllers.ingress.annotations.whole import Whole
from kingtide.controllers.ingress.desired import Desired


def as_desired(desired: Desired, whole: Whole, found: Mapping[str, Found]) -> Desired:
    """Return the proxy with what stands outside its backends; `found` is by their names.

    Lists of users and files of Secrets are named by what they hold, so that equal ones are one.
    """
    lists = {it.name: it for one in found.values() for it in one.user_lists}
    files = {it.name: it for one in found.values() for it in one.secret_files}
    files.update((it.name, it) for it in whole.secret_files)
    rows = zip_longest(*(it.captures for it in found.values() if it.captures), fillvalue=0)
    return replace(
        desired,
        frontend=whole.frontend,
        process=whole.process,
        defaults=whole.defaults,
        stats=whole.stats,
        listening=whole.listening,
        secret_files=tuple(files[name] for name in sorted(files)),
        user_lists=tuple(lists[name] for name in sorted(lists)),
        captures=tuple(max(row) for row in rows),
    )
