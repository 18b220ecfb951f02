"""The vocabulary of disciplines serves every city, and recognises plain questions."""

from pathlib import Path

import pytest

from matching.disciplines import disciplines_of, vocabulary
from matching.offerings import QuestionText
from tests.matching.texts import BIKES, COUNTER, KADESTAD, LONELY, RAIN, TWENTE, offerings


@pytest.mark.parametrize("folder", [TWENTE, KADESTAD])
def test_every_discipline_of_a_city_is_in_the_vocabulary(folder: Path) -> None:
    used = {name for offering in offerings(folder) for name in offering.disciplines}
    assert used <= vocabulary().keys()


@pytest.mark.parametrize(
    ("question", "expected"),
    [(BIKES, "transport"), (RAIN, "water-management"), (LONELY, "social-work"), (COUNTER, "communication")],
)
def test_a_plain_question_is_recognised(question: QuestionText, expected: str) -> None:
    found = disciplines_of(question.title, question.body)
    assert next(iter(found)) == expected
    assert all(0 < score <= 1 for score in found.values())


def test_a_text_that_says_nothing_has_no_discipline() -> None:
    assert disciplines_of("", "") == {}
    assert disciplines_of("Wat willen wij?", "!!! 12") == {}
