from kingtide.control.report import Phrases, Verdict

PHRASES = Phrases({"ScaledUp": "{name} grows from {before} to {after}", "Whole": "{subject} waits"})


def test_a_verdict_is_told_by_its_code() -> None:
    verdict = Verdict("group/spot-nodes", "acted", "ScaledUp", {"before": 1, "after": 3})
    assert PHRASES.tell(verdict) == "spot-nodes grows from 1 to 3"


def test_a_name_may_have_slashes_of_its_own() -> None:
    verdict = Verdict("pod/shop/api-7", "acted", "ScaledUp", {"before": 1, "after": 3})
    assert PHRASES.tell(verdict) == "shop/api-7 grows from 1 to 3"


def test_a_sentence_can_name_the_whole_subject() -> None:
    assert PHRASES.tell(Verdict("pod/shop/api-7", "waits", "Whole")) == "pod/shop/api-7 waits"


def test_an_unknown_code_is_told_by_its_details() -> None:
    verdict = Verdict("node/a", "refused", "NoSuchCode", {"cpu": 5, "ready": True})
    assert PHRASES.tell(verdict) == "node/a: NoSuchCode (cpu=5, ready=True)"
