from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kingtide.check.findings import Checked, Finding
from kingtide.check.formats.github import as_github
from kingtide.check.formats.json import as_json
from kingtide.check.formats.sarif import as_sarif
from kingtide.check.formats.text import MAX_TOLD, as_text
from kingtide.check.registry import RULES
from kingtide.check.rule import Example
from kingtide.check.run import check_fleet
from kingtide.fleet.documents.tree import Place
from tests.unit.check.example_fleet import example_view

FINDING = Finding(
    code="KT207",
    title="Nodes in a single zone",
    severity="error",
    place=Place("my fleet/clusters/prod.yaml", 7, 3),
    field="spec.zones",
    wrong="100% of, it: here\nand there",
    instead="write two",
    clusters=("a", "b"),
)


def one(finding: Finding = FINDING) -> Checked:
    return Checked((finding,), (), ("a", "b"), (), ("KT207",))


@pytest.fixture(scope="module")
def waived() -> Checked:
    (rule,) = (rule for rule in RULES if rule.code == "KT110")
    return check_fleet(example_view(rule.passing), RULES, "2026-11-22")


def test_text_has_a_line_a_finding_and_says_how_many() -> None:
    place = "my fleet/clusters/prod.yaml:7:3: error KT207: spec.zones: "
    lines = as_text(one(msgspec.structs.replace(FINDING, wrong="is one")), waived=False)
    assert lines.splitlines() == [
        f"{place}is one; write two [a, b]",
        "1 error, 0 warnings (2 clusters, 1 check)",
        "`kingtide check --explain KT207` tells why, with an example",
    ]


def test_text_tells_waived_findings_when_asked(waived: Checked) -> None:
    assert "0 errors, 0 warnings, 1 waived (1 cluster, " in as_text(waived, waived=False)
    assert "licence" not in as_text(waived, waived=False)
    first = as_text(waived, waived=True).splitlines()[0]
    assert first.startswith(
        "waived until 9999-12-31 (one zone has the licence), clusters/prod.yaml:6:7: "
        "clusters/prod.yaml:11:14: error KT207: "
    )


def test_text_ends_after_what_a_reader_can_use() -> None:
    many = Checked((FINDING,) * (MAX_TOLD + 3), (), ("a",), (), ("KT207",))
    assert "... and 3 more\n" in as_text(many, waived=False)


def test_json_has_everything_by_name(waived: Checked) -> None:
    found = json.loads(as_json(one()))
    assert (found["errors"], found["warnings"], found["clusters"]) == (1, 0, ["a", "b"])
    (finding,) = found["findings"]
    assert (finding["code"], finding["line"], finding["column"]) == ("KT207", 7, 3)
    assert finding["clusters"] == ["a", "b"]
    (it,) = json.loads(as_json(waived))["waived"]
    assert (it["code"], it["waiver"]["until"]) == ("KT207", "9999-12-31")


def test_a_github_annotation_escapes_what_ends_a_property_or_a_line() -> None:
    place = Place("a:b,c%.yaml", 7, 3)
    assert as_github(one(msgspec.structs.replace(FINDING, place=place))) == (
        "::error file=a%3Ab%2Cc%25.yaml,line=7,col=3,title=KT207 Nodes in a single zone"
        "::spec.zones: 100%25 of, it: here%0Aand there; write two\n"
    )


def test_a_github_annotation_of_a_whole_file_has_no_line() -> None:
    place = Place("fleet.yaml", 0, 0)
    warning = msgspec.structs.replace(FINDING, place=place, severity="warning", wrong="is odd")
    told = as_github(one(warning))
    assert told.startswith("::warning file=fleet.yaml,title=KT207 Nodes in a single zone::")


def sarif(checked: Checked) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(as_sarif(checked, RULES, "1.2.3"))
    return document


def valid(document: Mapping[str, Any]) -> None:
    """Hold a document against what SARIF 2.1.0 requires of the parts that are written here.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, 3.13 to 3.35.
    """
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        for text in ("shortDescription", "fullDescription", "help"):
            assert isinstance(rule[text]["text"], str)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert isinstance(result["message"]["text"], str)
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        uri = physical["artifactLocation"]["uri"]
        assert uri.isascii()
        assert " " not in uri
        region = physical.get("region", {"startLine": 1})
        assert region["startLine"] >= 1
        assert region.get("startColumn", 1) >= 1
        for it in result.get("suppressions", ()):
            assert it["kind"] in ("inSource", "external")


def test_sarif_is_as_the_standard_requires(waived: Checked) -> None:
    document = sarif(one())
    valid(document)
    (run,) = document["runs"]
    (result,) = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["KT207"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "my%20fleet/clusters/prod.yaml"
    assert physical["region"] == {"startLine": 7, "startColumn": 3}
    suppressed = sarif(waived)
    valid(suppressed)
    (result,) = suppressed["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "one zone has the licence"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_sarif_holds_for_every_rule(rule: Any) -> None:
    valid(sarif(check_fleet(example_view(rule.failing), RULES, "2026-11-22")))


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("/tmp/a.yaml", "file:///tmp/a.yaml"),
        ("a:b/ü.yaml", "a%3Ab/%C3%BC.yaml"),
        ("../x/a%b.yaml", "../x/a%25b.yaml"),
    ],
    ids=["absolute", "colon and letters", "percent"],
)
def test_sarif_names_files_as_uris(file: str, uri: str) -> None:
    whole = msgspec.structs.replace(FINDING, place=Place(file, 0, 0))
    (result,) = sarif(one(whole))["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": uri}}


def test_mistakes_in_documents_come_out_as_findings_of_the_same_form() -> None:
    example = Example(spec="zonse: [a]", files={"stages/prod.yaml": "{"})
    checked = check_fleet(example_view(example), RULES, "2026-11-22")
    valid(sarif(checked))
    assert [it.code for it in checked.findings] == ["KT103", "KT101"]
    assert checked.unsound == ("prod",)
    assert "not checked further until their mistakes are mended: prod" in as_text(
        checked, waived=False
    )
