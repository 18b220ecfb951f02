"""Earlier questions that resemble a new one."""

import time

from hypothesis import given
from hypothesis import strategies as st

from matching.offerings import QuestionText
from matching.similar import Earlier, similar
from tests.matching.texts import BIKES, COUNTER, LONELY, RAIN

EARLIER = [("ES-1", BIKES), ("ES-2", RAIN), ("HE-1", LONELY), ("HE-2", COUNTER)]
FLOODED = QuestionText(
    "Regenwater in de winkelstraat",
    "Bij zware buien lopen winkels onder. De riolering is te klein voor zoveel hemelwater.",
    "Hoe voorkomen we wateroverlast in de binnenstad?",
)


def test_the_same_subject_in_other_words_is_found_with_the_words_shared() -> None:
    found = similar(FLOODED, EARLIER)
    assert found[0].ref == "ES-2"
    assert {"hemelwater", "riolering"} & set(found[0].words)
    assert all(one.score < found[0].score for one in found[1:])


def test_a_question_is_not_similar_to_itself_and_a_changed_one_is_known_by_its_new_text() -> None:
    known = Earlier()
    for ref, question in EARLIER:
        known.learn(ref, question)
    assert "ES-2" in known
    assert "ES-2" not in [one.ref for one in known.like(RAIN, but="ES-2")]
    known.learn("ES-1", FLOODED)
    assert len(known) == 4
    assert [one.ref for one in known.like(FLOODED)][:2] == ["ES-1", "ES-2"]
    assert "ES-1" not in [one.ref for one in known.like(BIKES)]


def test_unlike_questions_are_not_called_alike() -> None:
    assert similar(QuestionText("Hoe bewaren we oude kaarten?", "Het archief heeft kaarten uit 1780."), EARLIER) == []


def test_ten_thousand_questions_are_searched_in_a_moment() -> None:
    known = Earlier()
    subjects = [BIKES, RAIN, LONELY, COUNTER]
    for n in range(10_000):
        one, other = subjects[n % 4], subjects[n // 4 % 4]
        known.learn(str(n), QuestionText(f"{one.title} wijk{n % 97}", one.situation[: 40 + n % 60], other.wanted))
    started = time.perf_counter()
    assert len(known.like(FLOODED)) == 5
    assert time.perf_counter() - started < 1


@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=60), st.integers(0, 5))
def test_scores_are_bounded_and_best_comes_first(texts: list[str], asked: str, most: int) -> None:
    found = similar(QuestionText(asked), [(str(n), QuestionText(text)) for n, text in enumerate(texts)], most)
    assert len(found) <= most
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0 < one.score <= 1 for one in found)
