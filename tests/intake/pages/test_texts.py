"""The Dutch of the pages: complete, nothing left over, placeholders as in English."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from notifications.readability import hard, split

ROOT = Path(__file__).parents[3]
PLACE = re.compile(r"%\((\w+)\)s")
Msgid = str | tuple[str, ...]


def asked_for() -> Iterator[Msgid]:
    """Every text that templates and pages ask a translation of."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    folder = ROOT / "intake"
    methods = [(pattern.removeprefix("intake/"), method) for pattern, method in methods]
    options = {pattern.removeprefix("intake/"): given for pattern, given in options.items()}
    for _, _, message, _, _ in extract_from_dir(folder, methods, options):
        yield _key(message)


def _key(found: str | list[str] | tuple[str, ...]) -> Msgid:
    return found if isinstance(found, str) else tuple(found[:2])


def _forms(found: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (found or "",) if isinstance(found, str) or found is None else tuple(found)


@pytest.fixture(scope="module")
def asked() -> set[Msgid]:
    return set(asked_for())


@pytest.fixture(scope="module")
def dutch() -> dict[Msgid, tuple[str, ...]]:
    with (ROOT / "intake" / "locales" / "nl.po").open("rb") as file:
        catalogue = read_po(file, locale="nl")
    return {_key(message.id): _forms(message.string) for message in catalogue if message.id}


def test_every_text_is_there_in_dutch(asked: set[Msgid], dutch: dict[Msgid, tuple[str, ...]]) -> None:
    assert len(asked) > 200
    assert asked - dutch.keys() == set()
    assert [key for key, said in dutch.items() if not all(said)] == []


def test_no_dutch_text_is_left_over(asked: set[Msgid], dutch: dict[Msgid, tuple[str, ...]]) -> None:
    assert dutch.keys() - asked == set()


def test_dutch_fills_in_the_same_places(dutch: dict[Msgid, tuple[str, ...]]) -> None:
    for key, said in dutch.items():
        english = key if isinstance(key, str) else key[1]
        for one in said:
            assert set(PLACE.findall(one)) == set(PLACE.findall(english)), key


def test_a_plural_has_two_forms(dutch: dict[Msgid, tuple[str, ...]]) -> None:
    plurals = {key: said for key, said in dutch.items() if isinstance(key, tuple)}
    assert plurals
    assert {key for key, said in plurals.items() if len(set(said)) != 2} == set()


def test_the_dutch_reads_easily(dutch: dict[Msgid, tuple[str, ...]]) -> None:
    """As the letters do; a text of a page is mostly one sentence, so only its sentences and words are measured."""
    read = [one for said in dutch.values() for text in said for one in split(PLACE.sub("X", text))]
    assert len(read) > 500
    assert [problem for one in read for problem in hard(one, "nl")] == []
