from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from kingtide.fleet.unread_files import why_unread


@pytest.mark.parametrize(
    "path",
    [
        "fleet.yaml",
        "rehearsal.yaml",
        "rehearsals/late.yaml",
        "clusters/prod.yaml",
        "snippets/instance-types/4x.yaml",
        "tools/loki/tool.yaml",
        "tools/loki/values.env-prod.yaml",
        "tools/loki/dashboards/panels.yml",
        "manifests/shop.yaml",
        "manifests/prod/shop.yaml",
        "docs/example.yml",
        ".schemas/x.yaml",
        "clusters/.drafts/x.yaml",
    ],
)
def test_what_is_read_or_nobodys_business_is_not_told(path: str) -> None:
    assert why_unread(PurePosixPath(path)) is None


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("clusters/prod.yml", "name it prod.yaml"),
        ("rehearsal.yml", "name it rehearsal.yaml"),
        ("tools/loki/values.yml", "name it values.yaml"),
        ("clusters/eu/prod.yaml", "move it to clusters/"),
        ("manifests/prod/shop/web.yaml", "move it to manifests/prod/"),
        ("cluster/prod.yaml", "did you mean clusters/?"),
        ("snippets/4x.yaml", "move it to snippets/instance-types/"),
        ("tools/loki.yaml", "name it tools/loki/tool.yaml"),
        ("tools/loki/value.yaml", "name it tool.yaml or values.yaml, or keep it elsewhere"),
    ],
)
def test_what_only_looks_like_a_part_of_the_fleet_is_told(path: str, advice: str) -> None:
    told = why_unread(PurePosixPath(path))
    assert told is not None
    assert told[1] == advice
