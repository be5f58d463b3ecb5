"""The reference page of annotations is what is declared now."""

from __future__ import annotations

from pathlib import Path

from kingtide.controllers.ingress.annotations.declared import DECLARED, NOT_SUPPORTED
from kingtide.controllers.ingress.annotations.of_nginx import OF_NGINX
from kingtide.controllers.ingress.annotations.reference import page


def test_the_page_is_current(repository: Path) -> None:
    hint = "python -m kingtide.controllers.ingress.annotations.reference > docs/reference/..."
    path = repository / "docs" / "reference" / "ingress-annotations.md"
    assert path.read_text(encoding="utf-8") == page(), f"make it anew: {hint}"


def test_every_annotation_stands_in_the_page_once_as_ours() -> None:
    rows = page().partition("## From ingress-nginx")[0].splitlines()
    for name in (*DECLARED, *NOT_SUPPORTED):
        assert sum(row.startswith(f"| `{name}` |") for row in rows) == 1, name
    assert not set(DECLARED) & set(NOT_SUPPORTED)


def test_what_is_ours_for_nginxs_exists_and_each_of_theirs_is_told_once() -> None:
    names = [name for it in OF_NGINX for name in it.names]
    assert len(names) == len(set(names))
    for it in OF_NGINX:
        assert set(it.ours) <= set(DECLARED), it.names
        assert it.note or it.how == "same", it.names
        assert (it.how == "not supported") <= (not it.ours), it.names
