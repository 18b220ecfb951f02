"""Pieces of words: what they find, and what holds for any text."""

from hypothesis import given
from hypothesis import strategies as st

from matching.ngrams import Index, resemblance, shared_words, words

TEXTS = st.lists(st.text(max_size=80), min_size=1, max_size=8)


def test_stop_words_and_accents_go() -> None:
    assert words("Hoe gebruiken wij de coördinatie van de Wijkagenten?") == ("coordinatie", "wijkagenten")


def test_a_compound_finds_its_part_where_no_word_is_shared() -> None:
    index = Index()
    index.add("bikes", [("fietspaden en fietsbeleid", 1)])
    index.add("water", [("riolering en hemelwater", 1)])
    scores = index.scores([("Onveilige fietsroutes langs de hoofdweg", 1)])
    assert max(scores, key=lambda key: scores[key]) == "bikes"
    assert scores["bikes"] > 3 * scores.get("water", 0.0)


def test_a_short_word_is_not_taken_for_the_beginning_of_a_longer_one() -> None:
    assert resemblance("fiets", "fietsenstalling") > resemblance("bus", "business")
    assert shared_words("De bus rijdt leeg", ["business case"]) == ()
    assert shared_words("De fietsenstalling is vol", ["fiets", "parkeren"]) == ("fietsenstalling",)


def test_a_text_added_again_takes_the_place_of_the_earlier_one() -> None:
    index = Index()
    index.add("a", [("regenwater", 1)])
    index.add("a", [("muziektheater", 1)])
    assert len(index) == 1
    assert index.scores([("regenwater", 1)]).get("a", 0) < 0.2
    assert index.scores([("muziektheater", 1)])["a"] > 0.9


def test_what_is_in_the_title_counts_for_more() -> None:
    index = Index()
    index.add("noise", [("geluidsoverlast", 1)])
    index.add("litter", [("zwerfafval", 1)])
    scores = index.scores([("zwerfafval", 3), ("geluidsoverlast", 1)])
    assert scores["litter"] > scores["noise"]


def test_in_many_texts_what_nearly_all_share_tells_nothing() -> None:
    index = Index()
    for n in range(400):
        index.add(str(n), [("schuldhulpverlening" if n else "schuldhulpverlening sterrenwacht", 1)])
    assert list(index.scores([("schuldhulpverlening sterrenwacht", 1)])) == ["0"]


@given(TEXTS, st.text(max_size=120))
def test_scores_lie_between_nothing_and_one(texts: list[str], asked: str) -> None:
    index = Index()
    for n, text in enumerate(texts):
        index.add(str(n), [(text, 1.0)])
    scores = index.scores([(asked, 3.0), (asked, 1.0)])
    assert all(0 < score <= 1 for score in scores.values())
    assert scores == index.scores([(asked, 3.0), (asked, 1.0)])


@given(TEXTS)
def test_every_text_with_a_telling_word_finds_itself(texts: list[str]) -> None:
    index = Index()
    for n, text in enumerate(texts):
        index.add(str(n), [(text, 1.0)])
    for n, text in enumerate(texts):
        assert (str(n) in index.scores([(text, 1.0)])) == bool(words(text))


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=5))
def test_shared_words_are_words_of_the_question(asked: str, offered: list[str]) -> None:
    found = shared_words(asked, offered)
    assert set(found) <= set(words(asked))
    assert len(found) <= 4
