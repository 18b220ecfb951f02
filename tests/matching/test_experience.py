"""Earlier questions teach, the more the more alike they are; a coordinator's choice goes before all reckoning."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.disciplines import disciplines_of
from matching.experience import Outcome
from matching.offerings import Known, Match, QuestionText, rank
from tests.matching.texts import BIKES, LONELY, RAIN, TODAY, TWENTE, offerings, terms

IDS = sorted(one.id for one in offerings(TWENTE))
HOUSES = {one.id: one.institution for one in offerings(TWENTE)}


def outcome(question: QuestionText, offering: str, verdict: str) -> Outcome:
    return Outcome("ES-1", disciplines_of(question.title, question.body), offering, HOUSES[offering], verdict, "room")


def ranked(question: QuestionText, *outcomes: Outcome, preferred: dict[str, str] | None = None) -> list[Match]:
    known = Known(outcomes, preferred or {})
    return rank(question, offerings(TWENTE), TODAY, None, terms(TWENTE), None, known)


def score(found: list[Match], offering: str) -> float:
    return next(one.score for one in found if one.offering == offering)


def test_who_took_up_a_question_like_it_rises_and_who_declined_sinks() -> None:
    name = "saxion-civiele-techniek"
    before, taken, declined = (
        score(ranked(RAIN, *given), name)
        for given in ((), (outcome(RAIN, name, "taken"),), (outcome(RAIN, name, "declined"),))
    )
    assert declined < before < taken
    reasons = dict(next(one for one in ranked(RAIN, outcome(RAIN, name, "declined")) if one.offering == name).reasons)
    assert reasons["declined_before"] == ("1",)


def test_a_question_on_something_else_teaches_next_to_nothing() -> None:
    name = "saxion-civiele-techniek"
    like, unlike = (score(ranked(RAIN, outcome(text, name, "taken")), name) for text in (RAIN, LONELY))
    assert like > unlike
    reasons = dict(next(one for one in ranked(RAIN, outcome(LONELY, name, "taken")) if one.offering == name).reasons)
    assert "taken_before" not in reasons


def test_what_a_coordinator_chose_comes_first_with_the_reason_and_counts_for_the_next_question() -> None:
    name = ranked(BIKES)[20].offering
    first = ranked(BIKES, preferred={name: "They know the square"})[0]
    assert first.offering == name
    assert first.reasons[0] == ("preferred", ("They know the square",))
    again = replace(BIKES, title="Waar laten mensen hun fiets?")
    assert score(ranked(again, outcome(BIKES, name, "preferred")), name) > score(ranked(again), name)
    assert score(ranked(again, outcome(BIKES, name, "passed")), name) < score(ranked(again), name)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.builds(
            outcome, st.sampled_from([BIKES, RAIN, LONELY]), st.sampled_from(IDS),
            st.sampled_from(["taken", "preferred", "declined", "passed"]),
        ),
        max_size=12,
    ),
    st.sampled_from([BIKES, RAIN, LONELY]),
)  # fmt: skip
def test_whatever_there_was_every_rank_has_reasons_and_is_the_same_again(
    outcomes: list[Outcome], question: QuestionText
) -> None:
    found = ranked(question, *outcomes)
    assert found == ranked(question, *reversed(outcomes))
    for one in found:
        assert len(one.reasons) >= 2, "why it fits, and what can be reached"
        assert 0 < one.score < 1
