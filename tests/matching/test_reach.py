"""What can still be reached, until when, and why not."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.reach import reach
from matching.terms import OfferingText, Term
from tests.matching.texts import TODAY, TWENTE, offerings, terms

BY_ID = {one.id: one for one in offerings(TWENTE)}
TERMS = {
    name: [one for one in terms(TWENTE) if one.institution == name] for name in ("ut", "saxion", "roc-twente", "artez")
}
DAYS = st.dates(date(2025, 9, 1), date(2028, 12, 31))


def test_the_first_day_to_hand_in_and_the_next_one() -> None:
    found = reach(BY_ID["ut-bsc-civil-engineering"], TERMS["ut"], TODAY, None)
    assert found.in_time
    assert found.edition is not None
    assert found.then is not None
    assert found.edition.hand_in_by == date(2027, 2, 8)
    assert TODAY <= found.edition.hand_in_by < found.then.hand_in_by


def test_each_reason_why_not() -> None:
    course = OfferingText("c", "h", "course", ("c",), periods=("A",), hand_in_weeks=10)
    term = Term("h:A", "h", "A", date(2027, 2, 1), date(2027, 4, 16))
    assert reach(course, [term], date(2026, 11, 1), date(2027, 4, 16)).why == "reachable"
    assert reach(course, [term], date(2026, 11, 1), date(2027, 4, 15)).why == "too_late"
    assert reach(course, [term], date(2026, 11, 24), None).why == "hand_in_passed"
    assert reach(course, [], date(2026, 11, 24), None).why == "no_edition"


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(BY_ID)), DAYS, DAYS, st.integers(0, 400))
def test_whoever_can_wait_longer_reaches_no_less(name: str, today: date, needed_by: date, more: int) -> None:
    offering = BY_ID[name]
    own = TERMS[offering.institution]
    sooner, later = (
        reach(offering, own, today, needed_by),
        reach(offering, own, today, needed_by + timedelta(days=more)),
    )
    always = reach(offering, own, today, None)
    assert sooner.in_time <= later.in_time <= always.in_time
    if sooner.in_time:
        assert sooner.edition is not None
        assert today <= sooner.edition.hand_in_by
        assert sooner.edition.ends_on <= needed_by
        assert sooner.then is None or sooner.edition.hand_in_by < sooner.then.hand_in_by
