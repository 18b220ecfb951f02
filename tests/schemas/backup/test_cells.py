"""What SQLite gave comes back as it was, by way of PostgreSQL's text."""

from datetime import UTC, datetime

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from schemas.backup.cells import understood, written

TYPES = [sa.String(), sa.JSON(), sa.Boolean(), sa.DateTime(timezone=True), sa.LargeBinary(), sa.Date()]
MOMENTS = st.datetimes(min_value=datetime(1, 1, 1)).map(lambda at: at.isoformat(" ", "microseconds"))  # noqa: DTZ001
TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(
    st.none() | TEXTS, st.none() | TEXTS, st.none() | st.integers(0, 1), st.none() | MOMENTS,
    st.none() | st.binary(), st.none() | st.dates().map(str),
)))  # fmt: skip
def test_there_and_back(rows: list[tuple[object, ...]]) -> None:
    lines = list(written(TYPES, rows))
    assert all(line.count(b"\n") == 1 and line.endswith(b"\n") for line in lines)
    assert [tuple(row) for row in understood(TYPES, iter(lines))] == rows


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_as_postgresql_writes_it(at: datetime) -> None:
    text = (
        f"{at.replace(tzinfo=None).isoformat(' ')}".rstrip("0") if at.microsecond else at.strftime("%Y-%m-%d %H:%M:%S")
    )
    [[read]] = understood([sa.DateTime()], iter([f"{at.year:04}{text[text.index('-') :]}+00\n".encode()]))
    assert read == at.replace(tzinfo=None).isoformat(" ", "microseconds")
