from __future__ import annotations

import pytest

from kingtide.compile.plan.stream import documents_of
from kingtide.fleet.documents.mistakes import Mistakes
from tests.unit.compile.plan.fleets import AFTER_ALL, state


def test_what_is_written_is_read_back() -> None:
    found = state(*AFTER_ALL)
    assert documents_of(found.kops_text, "kops.yaml") == found.kops


def test_an_empty_stream_has_no_documents() -> None:
    assert documents_of("", "kops.yaml") == ()
    assert documents_of("# only words\n", "kops.yaml") == ()


def test_a_document_that_says_nothing_of_itself_is_told_with_its_line() -> None:
    text = state(*AFTER_ALL).kops_text + "---\nkind: Nothing\n"
    with pytest.raises(Mistakes) as told:
        documents_of(text, "kops.yaml")
    (mistake,) = told.value.all
    line = text.splitlines().index("kind: Nothing") + 1
    assert (mistake.place.file, mistake.place.line) == ("kops.yaml", line)


def test_lines_within_a_quoted_text_do_not_end_a_document() -> None:
    odd = state(objects=(AFTER_ALL[-1],)).objects_text
    assert "    ---\n" in odd
    assert documents_of(odd, "objects.yaml") == (AFTER_ALL[-1],)
