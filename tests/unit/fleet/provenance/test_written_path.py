from __future__ import annotations

import pytest

from kingtide.fleet.documents.tree import Path, path_text
from kingtide.fleet.provenance.written_path import NoPath, parse_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("spec", ()),
        ("zones[0]", ("zones", 0)),
        ("spec.nodeGroups.api", ("nodeGroups", "api")),
        ("overprovisioning.workers.ladder[1][0]", ("overprovisioning", "workers", "ladder", 1, 0)),
        ('tags."k8s.io/role"', ("tags", "k8s.io/role")),
    ],
    ids=str,
)
def test_a_path_is_read_as_messages_show_it(text: str, path: Path) -> None:
    assert parse_path(text) == path
    if path:
        assert parse_path(path_text(path)) == path


@pytest.mark.parametrize("text", [".", "a.", "a..b", "[0]", "a[x]", 'a."b', "a[0]b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(NoPath):
        parse_path(text)
