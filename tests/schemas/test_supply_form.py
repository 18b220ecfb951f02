"""The facts of an offering as fields: nothing is lost on the way, and every fault is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.disciplines import vocabulary
from schemas.cities import read_city
from schemas.city_rows import offering_rows, period_rows
from schemas.needs import FaultyNeeds
from schemas.parties import Offering
from schemas.supply_checks import Known, check_edition, check_offering
from schemas.supply_form import FIELDS, flat, put
from tests.databases import KADESTAD, TWENTE

VALID = {"name_nl": "Waterbouw", "name_en": "Hydraulics", "kind": "course", "level": "hbo", "languages": "nl; en",
         "periods": "any"}  # fmt: skip
NOTHING = Known((), (), ())


@pytest.mark.parametrize("folder", [TWENTE, KADESTAD], ids=lambda folder: folder.name)
def test_every_offering_of_our_cities_can_be_filled_in_as_it_is(folder: object) -> None:
    city = read_city(TWENTE if folder == TWENTE else KADESTAD)
    codes = {row.code for row in period_rows(city)}
    rows = list(offering_rows(city))
    for row in rows:
        known = Known({unit.id for unit in city.catalogue.units}, codes, vocabulary().keys())
        facts = check_offering(known, flat(row))
        assert facts == flat(row)
        again = Offering(id=row.id, institution_id=row.institution_id, kind="", level="", name_nl="", name_en="")
        put(again, facts)
        assert flat(again) == facts
        assert again.data.get("weeks") == row.data.get("weeks")
        assert again.data.get("keywords", {}) == {
            name: words for name, words in row.data.get("keywords", {}).items() if words
        }
    assert len(rows) > 3


def faults(**changes: object) -> list[tuple[str, str]]:
    with pytest.raises(FaultyNeeds) as caught:
        check_offering(Known({"fac"}, {"S1"}, {"health"}), VALID | changes)
    return [(one.field, one.code) for one in caught.value.faults]


def test_every_fault_is_named_with_its_field() -> None:
    assert faults(weeks_min=20, weeks_max=10) == [("weeks_max", "too_small")]
    assert faults(periods="S1; S9", disciplines="health; magic", unit="other") == [
        ("periods", "unknown"), ("disciplines", "unknown"), ("unit", "unknown")
    ]  # fmt: skip
    assert faults(contact_name="Noor") == [("contact_email", "missing")]
    assert faults(since="2027-02-01", until="2027-01-31") == [("until", "before_start")]
    assert faults(name_nl="", kind="cursus") == [("name_nl", "missing"), ("kind", "not_a_choice")]
    assert faults(seats="veel", since="31-31-2027") == [("seats", "not_a_number"), ("since", "not_a_date")]
    assert faults(teacher="Noor") == [("teacher", "not_asked")]


def test_one_end_of_a_range_means_exactly_that_many() -> None:
    clean = check_offering(NOTHING, VALID | {"weeks_min": "10", "group_max": "5"})
    assert [clean[name] for name in ("weeks_min", "weeks_max", "group_min", "group_max")] == [10, 10, 5, 5]


def test_lists_come_from_lines_and_from_cells_and_hold_nothing_twice() -> None:
    clean = check_offering(NOTHING, VALID | {"keywords_nl": "dijk\nsluis; dijk ;\n haven  stad"})
    assert clean["keywords_nl"] == ["dijk", "sluis", "haven stad"]
    assert clean["languages"] == ["nl", "en"]


DAY = st.dates(date(2026, 1, 1), date(2029, 1, 1)).map(date.isoformat)


@given(DAY, DAY, DAY)
def test_an_edition_ends_after_it_began_and_is_handed_in_for_before(starts: str, ends: str, hand_in: str) -> None:
    wrong = ends < starts or hand_in > starts
    try:
        check_edition({"starts_on": starts, "ends_on": ends, "hand_in_by": hand_in})
    except FaultyNeeds:
        assert wrong
    else:
        assert not wrong


def test_everything_that_can_be_filled_in_is_kept() -> None:
    full = VALID | {
        "id": "x-waterbouw", "unit": "fac", "disciplines": ["health"], "form": "project", "weeks_min": 5,
        "weeks_max": 10,
        "group_min": 3, "group_max": 5, "seats": 4, "hand_in_weeks": 6, "contact_name": "Noor", "periods": "S1",
        "contact_email": "noor@example.org", "description_nl": "Een\nbeek", "description_en": "A brook",
        "keywords_nl": ["beek"], "keywords_en": ["brook"], "since": "2026-09-01", "until": "2028-07-01",
    }  # fmt: skip
    clean = check_offering(Known({"fac"}, {"S1"}, {"health"}), full)
    assert clean.keys() == FIELDS.keys()
    offering = Offering(id="x-waterbouw", institution_id="x", kind="", level="", name_nl="", name_en="")
    put(offering, clean)
    assert flat(offering) == clean
