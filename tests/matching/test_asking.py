"""Help to ask well: few false alarms on real questions, and an advice for each question that prescribes its answer."""

from pathlib import Path

import pytest
import yaml

from matching.asking import completeness, example_near, remarks, rules
from matching.disciplines import vocabulary
from matching.routing import advised
from tests.lives import forms

REAL = yaml.safe_load((Path(__file__).parent / "open_questions.yaml").read_text(encoding="utf-8"))
PRESCRIBED = [
    ("Wij willen een app laten ontwikkelen waarmee bewoners afval melden", "thing"),
    ("Bouw een chatbot voor het loket", "order"),
    ("We zoeken een dashboard voor de wijkteams", "wish"),
    ("Kunnen studenten voor ons een mooie folder maken?", "thing"),
    ("Develop a website for newcomers", "thing_en"),
    ("We need a new app for parking", "wish_en"),
    ("We willen aantonen dat de proef werkt", "proof"),
    ("Please prove that the pilot works", "proof"),
    ("Moet de markt naar het plein?", "must"),
    ("Should the market move to the square?", "must"),
]


@pytest.mark.parametrize(("title", "rule"), PRESCRIBED)
def test_a_question_that_prescribes_its_answer_gets_an_advice(title: str, rule: str) -> None:
    for language in ("nl", "en"):
        found = remarks({"title": title}, language)
        assert [one.rule for one in found] == [rule]
        assert "{" not in found[0].advice
        assert len(found[0].advice) > 60


def test_real_questions_are_seldom_called_closed() -> None:
    alarms = [one for one in REAL if remarks({"title": one["title"], "situation": one["situation"]}, "nl")]
    assert len(alarms) <= len(REAL) // 20
    assert all(remarks(form, "nl") == [] for form in forms().values())


def test_what_is_missing_becomes_less_as_more_is_written() -> None:
    form: dict[str, str] = {}
    before = completeness(form, "nl")
    assert before.there == 0
    for name, value in forms()["stalling"].items():
        form[name] = value
        now = completeness(form, "nl")
        assert now.there >= before.there
        assert now.there + len(now.missing) == now.of
        before = now
    assert before.missing == ()


def test_every_rule_speaks_both_languages_and_every_discipline_has_an_example() -> None:
    assert all(rule["nl"] and rule["en"] and rule["nl"] != rule["en"] for part in rules().values() for rule in part)
    for name in vocabulary():
        dutch, english = (example_near([name], language) for language in ("nl", "en"))
        assert dutch != english
        assert dutch.endswith("?")
        assert english.endswith("?")
        assert remarks({"title": dutch}, "nl") == remarks({"title": english}, "en") == []


def test_the_rule_of_the_way_to_go_is_data() -> None:
    assert advised({"transport": 1.0, "law": 0.2})[0] == "programme"
    assert advised({"transport": 1.0, "law": 0.7})[0] == "minor"
    assert advised({"transport": 1.0, "law": 0.7, "health": 0.7, "psychology": 0.6})[0] == "challenge"
    assert advised({"interdisciplinary": 1.0})[0] == "challenge"
    assert advised({})[0] == ""
    assert advised({"transport": 1.0, "law": 0.7}, [{"up_to": 2, "route": "thesis"}, {"route": "any"}])[0] == "thesis"
