"""The page docs/reference/ingress-annotations.md, made from what is declared of annotations.

`python -m kingtide.controllers.ingress.annotations.reference` prints it; a test tells when it is
old.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from kingtide.controllers.ingress.annotations.declared import (
    DECLARED,
    NOT_SUPPORTED,
    Annotation,
)
from kingtide.controllers.ingress.annotations.family import PREFIXES
from kingtide.controllers.ingress.annotations.of_nginx import OF_NGINX, Theirs

HEAD = f"""\
# Annotations of Ingresses

<!-- Made by `python -m kingtide.controllers.ingress.annotations.reference`: change what
     src/kingtide/controllers/ingress/annotations declares, not this page. -->

An annotation bears one of the prefixes {", ".join(f"`{it}`" for it in PREFIXES)}. In the ConfigMap
it bears none. Where it stands on several objects the nearest counts: Service, then Ingress, then
ConfigMap; an empty one is as unwritten. Lists of who may come in and headers that are set hold
besides each other: the ConfigMap's first, then the Ingress' own. haproxytech's carries out all
rules on requests of its ConfigMap besides those of an Ingress, whatever its documentation says.

One that cannot be read has no effect, and an Event of the Ingress says so, of the ConfigMap the
controller's log; what protects (a list of who may come in, passwords, certificates that are
checked) then lets nobody in.

`I` is an Ingress, `S` a Service, `C` the ConfigMap.

## As with haproxytech's controller

Compared with version 3.2.
"""
OWN = """
## Ours alone

Names and meaning are ingress-nginx'. A canary is a second Ingress of the same host and path, in the
same namespace; all that the first one asks for holds for its requests too. Who stands in `auth-url`
is asked about each request, as [the guide](../guides/ingress.md) shows; what is wrong with the
annotation or the answer lets nobody in.
"""
NONE = """
## Of haproxytech's, not supported
"""
NGINX = """
## From ingress-nginx

Its annotations begin with `nginx.ingress.kubernetes.io/`.
"""
_PLACES = (("ingress", "I"), ("service", "S"), ("values", "C"))


def page() -> str:
    """Return the page's text."""
    own = [it for it in DECLARED.values() if it.is_own]
    theirs = [it for it in DECLARED.values() if not it.is_own]
    lines = [HEAD]
    lines += _table(("Annotation", "On", "Without it", "Compared"), map(_row, theirs))
    lines.append(OWN)
    lines += _table(("Annotation", "On", "Without it"), (_row(it)[:3] for it in own))
    lines.append(NONE)
    rows = ((f"`{name}`", why) for name, why in sorted(NOT_SUPPORTED.items()))
    lines += _table(("Annotation", "Why, and what to do"), rows)
    lines.append(NGINX)
    lines += _table(("Theirs", "Ours", "Compared"), map(_row_of_nginx, OF_NGINX))
    return "\n".join(lines) + "\n"


def _row(it: Annotation) -> tuple[str, ...]:
    on = " ".join(letter for place, letter in _PLACES if place in it.on)
    default = f"`{it.default}`" if it.default else "-"
    return f"`{it.name}`", on, default, f"different: {it.differs}" if it.differs else "same"


def _row_of_nginx(it: Theirs) -> tuple[str, ...]:
    ours = ", ".join(f"`{name}`" for name in it.ours) or "-"
    note = f"{it.how}: {it.note}" if it.note else it.how
    return ", ".join(f"`{name}`" for name in it.names), ours, note


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in it)} |" for it in lines]


if __name__ == "__main__":
    sys.stdout.write(page())
