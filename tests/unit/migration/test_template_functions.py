from __future__ import annotations

import pytest

from kingtide.migration.go_templates import EngineError, execute
from kingtide.migration.template_functions import ALLOWED, FUNCTIONS, REFUSED, refusal

BUILT_IN_KOPS = {"include", "indent"}


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_the_engine_knows_every_function_that_is_promised(name: str) -> None:
    text = '{{ define "m" }}{{ if false }}{{ ' + name + " }}{{ end }}{{ end }}"
    assert execute([text], "", "m", "(dict)", fail_on_missing=True).text == ""


def test_the_engine_says_that_it_does_not_know_a_function() -> None:
    with pytest.raises(EngineError, match='function "nosuch" not defined'):
        execute(['{{ define "m" }}{{ nosuch }}{{ end }}'], "", "m", "(dict)", fail_on_missing=True)


def test_no_function_is_both_promised_and_refused() -> None:
    refused = [name for names in REFUSED for name in names.split()]
    promised = [name for names in FUNCTIONS.values() for name in names.split()]
    assert len(set(refused + promised)) == len(refused) + len(promised)


@pytest.mark.parametrize("name", [name for names in REFUSED for name in names.split()])
def test_a_refusal_names_the_function_and_tells_what_to_do(name: str) -> None:
    found = refusal(name)
    assert found is not None
    assert found[0].startswith(f"{name} ")
    assert found[1].startswith("write ")
