"""Editions, hand-in days, and what is within reach of a day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from matching.terms import ANY, OfferingText, Term, editions, next_edition
from tests.matching.texts import KADESTAD, TODAY, TWENTE, offerings, terms

DAYS = st.dates(date(2025, 6, 1), date(2028, 12, 31))
TERMS = st.lists(
    st.builds(
        lambda n, start, weeks: Term(f"x:{n}", "x", "AB"[n % 2], start, start + timedelta(weeks=weeks)),
        st.integers(0, 99), DAYS, st.integers(1, 30),
    ),
    max_size=8,
)  # fmt: skip


def of(folder_offering: str) -> OfferingText:
    return next(one for one in (*offerings(TWENTE), *offerings(KADESTAD)) if one.id == folder_offering)


def test_hand_in_day_lies_the_weeks_of_its_kind_before_the_start() -> None:
    found = [one for one in editions(of("saxion-smart-solutions"), terms(TWENTE)) if one.starts_on > TODAY]
    assert found[0].term == "saxion:2026/27:S2"
    assert found[0].starts_on == date(2027, 2, 8)
    assert found[0].hand_in_by == date(2026, 11, 2)


def test_an_edition_whose_hand_in_day_has_passed_gives_way_to_the_next() -> None:
    edition, reachable = next_edition(of("saxion-smart-solutions"), terms(TWENTE), TODAY, None)
    assert edition is not None
    assert (edition.term, reachable) == ("saxion:2027/28:S1", True)
    on_the_day, _ = next_edition(of("saxion-smart-solutions"), terms(TWENTE), date(2026, 11, 2), None)
    assert on_the_day is not None
    assert on_the_day.term == "saxion:2026/27:S2"


def test_an_answer_that_comes_too_late_is_not_within_reach() -> None:
    thesis = of("saxion-afstudeeropdracht")
    assert next_edition(thesis, terms(TWENTE), TODAY, date(2027, 7, 9))[1]
    edition, reachable = next_edition(thesis, terms(TWENTE), TODAY, date(2027, 7, 8))
    assert edition is not None
    assert not reachable


def test_what_starts_any_time_starts_with_each_period_once() -> None:
    starts = [one.starts_on for one in editions(of("roc-hub"), terms(TWENTE))]
    assert len(starts) == len(set(starts)) == 12


def test_beyond_the_calendar_there_is_no_edition() -> None:
    assert next_edition(of("ut-htht"), terms(TWENTE), date(2031, 1, 1), None) == (None, False)


@given(TERMS, DAYS, st.none() | DAYS, st.sampled_from([("A",), ("A", "B"), (ANY,)]), st.integers(0, 30))
def test_what_cannot_be_reached_is_never_said_to_be(
    calendar: list[Term], today: date, needed_by: date | None, periods: tuple[str, ...], weeks: int
) -> None:
    offering = OfferingText("o", "x", "course", ("Naam",), periods=periods, weeks=weeks, hand_in_weeks=weeks // 2)
    edition, reachable = next_edition(offering, calendar, today, needed_by)
    if reachable:
        assert edition is not None
        assert edition.hand_in_by >= today
        assert edition.ends_on >= edition.starts_on + timedelta(weeks=weeks)
        assert needed_by is None or edition.ends_on <= needed_by


@given(TERMS, DAYS)
def test_editions_come_in_order_and_belong_to_the_institution(calendar: list[Term], start: date) -> None:
    foreign = Term("y:1", "y", "A", start, start)
    found = editions(OfferingText("o", "x", "course", ("Naam",), periods=("A",)), [*calendar, foreign])
    assert [one.starts_on for one in found] == sorted({one.starts_on for one in found})
    assert all(one.term != "y:1" for one in found)
