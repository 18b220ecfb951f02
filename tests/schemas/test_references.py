"""References: never given twice, no gaps, and proof against typing errors."""

import asyncio
import string
from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.references import next_reference, normal, plausible, with_check
from tests.story import Story

SIGNS = string.digits + string.ascii_uppercase
REFERENCE = st.builds(
    lambda prefix, year, number: with_check(f"{prefix}-{year}-{number:04d}"),
    st.text(string.ascii_uppercase, min_size=2, max_size=3), st.integers(2020, 2060), st.integers(1, 99_999),
)  # fmt: skip


@given(REFERENCE)
def test_a_reference_is_read_however_it_is_typed(ref: str) -> None:
    for typed in (ref, ref.lower(), f" {ref} ", ref.replace("-", " - "), f"{ref}.2"):
        assert plausible(typed)
    assert normal(f" {ref.lower()}\n") == ref


@given(REFERENCE, st.data())
def test_every_single_wrong_sign_is_noticed(ref: str, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([n for n, sign in enumerate(ref) if sign != "-"]), "place")
    wrong = data.draw(st.sampled_from([sign for sign in SIGNS if sign != ref[place]]), "wrong sign")
    assert not plausible(ref[:place] + wrong + ref[place + 1 :])


def test_all_but_a_few_exchanged_neighbours_are_noticed() -> None:
    """ISO 7064 mod 37,36 lets 1 in 500 pass; what passes is another number of ours, and shows another question."""
    tried = missed = 0
    for prefix, year, number in product(("ES", "HE", "KA"), (2026, 2027), range(1, 400)):
        plain = with_check(f"{prefix}-{year}-{number:04d}").replace("-", "")
        for n in range(len(plain) - 1):
            if plain[n] != plain[n + 1]:
                tried += 1
                missed += plausible(plain[:n] + plain[n + 1] + plain[n] + plain[n + 2 :])
    assert tried > 15_000
    assert missed / tried < 1 / 400


async def test_many_at_once_get_each_number_once_and_leave_no_gap(engine: AsyncEngine) -> None:
    async def take(number: int) -> str:
        async with writing(engine) as session:
            ref = await next_reference(session, "ES", 2031)
            if number % 3 == 0:
                raise InterruptedError  # rolled back: the number comes again
            return ref

    done = await asyncio.gather(*(take(number) for number in range(30)), return_exceptions=True)
    given_out = sorted(one for one in done if isinstance(one, str))
    assert [type(one) for one in done if not isinstance(one, str)] == [InterruptedError] * 10
    assert [ref[:12] for ref in given_out] == [f"ES-2031-{n:04d}" for n in range(1, 21)]


async def test_each_city_and_year_counts_for_itself(engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        ours = [await tell.asked(session), await tell.asked(session)]
        theirs = await tell.asked(session, tell.cast.gijs, city="hengelo")
        assert [str(one.ref)[:12] for one in (*ours, theirs)] == ["ES-2026-0001", "ES-2026-0002", "HE-2026-0001"]
        assert all(plausible(str(one.ref)) for one in (*ours, theirs))
        later = await next_reference(session, "ES", 2027)
        assert later.startswith("ES-2027-0001-")
        assert [await next_reference(session, "ES", 2032) for _ in range(3)] == [
            with_check(f"ES-2032-000{n}") for n in (1, 2, 3)
        ]
