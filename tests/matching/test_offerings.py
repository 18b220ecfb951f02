"""Which offering fits: real texts in two languages, and what holds for any text, day and order."""

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.offerings import Match, QuestionText, rank
from matching.routes import ROUTES, on_route
from tests.matching.texts import BIKES, COUNTER, KADESTAD, LONELY, RAIN, TODAY, TWENTE, offerings, terms

BY_ID = {one.id: one for one in offerings(TWENTE)}
TEXTS = st.one_of(st.sampled_from([BIKES.body, RAIN.body, LONELY.body, COUNTER.body]), st.text(max_size=150))
DAYS = st.dates(date(2025, 6, 1), date(2028, 12, 31))


def ranked(question: QuestionText, needed_by: date | None = None, today: date = TODAY) -> list[Match]:
    return rank(question, offerings(TWENTE), today, needed_by, terms(TWENTE))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (BIKES, {"ut-bsc-civil-engineering", "ut-rg-transport"}),
        (RAIN, {"ut-bsc-civil-engineering", "saxion-civiele-techniek", "ut-msc-cem"}),
        (LONELY, {"saxion-social-work", "roc-sociaal-werker", "saxion-rg-social-work"}),
        (COUNTER, {"saxion-communicatie", "ut-bsc-communication-science", "ut-msc-communication-science"}),
    ],
    ids=["bikes", "rain", "lonely", "counter"],
)
def test_the_right_offerings_are_among_the_first_five(question: QuestionText, expected: set[str]) -> None:
    assert {one.offering for one in ranked(question)[:5]} & expected


def test_the_reasons_hold_the_words_and_disciplines_that_matched() -> None:
    match = next(one for one in ranked(BIKES) if one.offering == "ut-bsc-civil-engineering")
    reasons = dict(match.reasons)
    assert "fiets" in " ".join(reasons["words"])
    assert "transport" in reasons["discipline"]
    assert reasons["reachable"] == ("ut:2026/27:2B", "2027-02-08")
    assert reasons["other_language"] == ("en",)
    assert (match.edition, match.hand_in_by) == ("ut:2026/27:2B", date(2027, 2, 8))


def test_what_comes_too_late_is_behind_all_that_is_in_time_and_says_so() -> None:
    found = rank(BIKES, offerings(TWENTE), TODAY, date(2027, 7, 9), terms(TWENTE), most=None)
    reach = [one.reachable for one in found]
    assert any(reach)
    assert reach == sorted(reach, reverse=True)
    late = next(one for one in found if one.offering == "ut-msc-cem")
    assert not late.reachable or late.edition == "ut:2026/27:2B"
    assert all(("too_late" in dict(one.reasons)) != one.reachable for one in found if one.edition)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_that_was_decided_on_comes_first(route: str) -> None:
    found = [one for one in ranked(replace(RAIN, route=route)) if one.reachable]
    fits = [on_route(BY_ID[one.offering], route) for one in found]
    assert fits[0]
    assert fits == sorted(fits, reverse=True)
    assert dict(found[0].reasons)["route"] == (route,)


def test_a_route_that_leaves_all_open_changes_nothing() -> None:
    assert ranked(replace(RAIN, route="any")) == ranked(RAIN)


def test_another_city_is_other_data_and_no_other_code() -> None:
    found = rank(RAIN, offerings(KADESTAD), TODAY, None, terms(KADESTAD))
    assert found[0].offering == "kade-waterbouw"
    assert found[0].edition == "kade-hogeschool:2027:voorjaar"
    assert found[0].hand_in_by == date(2026, 12, 28)


def test_what_is_no_longer_offered_is_not_proposed() -> None:
    text = QuestionText("Havendag", "Een havendag met de nano-challenge van de wetenschapswinkel")
    assert not {"kade-havendag"} & {
        one.offering for one in rank(text, offerings(KADESTAD), TODAY, None, terms(KADESTAD))
    }
    assert "ut-nano-challenge" not in {one.offering for one in ranked(text)}


def test_a_question_without_words_has_no_matches() -> None:
    assert ranked(QuestionText("")) == []
    assert ranked(QuestionText("Wat willen wij van de gemeente weten?")) == []


@settings(max_examples=30, deadline=None)
@given(TEXTS, TEXTS, DAYS, st.none() | DAYS)
def test_bounds_order_and_reach_for_any_text_and_day(
    title: str, body: str, today: date, needed_by: date | None
) -> None:
    question = QuestionText(title, body)
    found = ranked(question, needed_by, today)
    assert found == ranked(question, needed_by, today)
    assert all(0 < one.score < 1 for one in found)
    assert len({one.offering for one in found}) == len(found) <= 25
    assert found == sorted(found, key=lambda one: (not one.reachable, -one.score))
    for one in found:
        if one.reachable:
            assert one.hand_in_by is not None
            assert one.hand_in_by >= today


@settings(max_examples=10, deadline=None)
@given(st.integers(), st.sampled_from([BIKES, RAIN, LONELY, COUNTER]))
def test_the_order_in_which_offerings_are_given_makes_no_difference(seed: int, question: QuestionText) -> None:
    shuffled = list(offerings(TWENTE))
    random.Random(seed).shuffle(shuffled)
    assert rank(question, shuffled, TODAY, None, terms(TWENTE)) == ranked(question)
