"""The texts read easily: Dutch at level B1, plain English. What is excepted has a reason, and is needed."""

import pytest

from notifications.letters import LANGUAGES, TEXTS, letters, written
from notifications.readability import excepted, exceptions, figures, hard, plain_language, remarks, sentences, split

in_both = pytest.mark.parametrize("language", LANGUAGES)


@in_both
@pytest.mark.parametrize("name", sorted(letters()))
def test_every_letter_reads_easily(name: str, language: str) -> None:
    assert remarks(name, language, written(name, language)) == []


@in_both
def test_so_do_the_parts_that_letters_share(language: str) -> None:
    parts = [file.read_text("utf-8") for file in (TEXTS / language / "parts").glob("*.txt")]
    letters_with_them = ("accepted", "delivered", "merged", "picked-up", "agreement")
    read = [one for part in parts for name in letters_with_them for one in sentences(name, language, f"-\n\n{part}")]
    assert len(read) > 30
    assert [problem for one in read for problem in hard(one, language)] == []


def test_every_exception_is_needed_and_says_why() -> None:
    for row in exceptions():
        name, language = row["letter"], row["language"]
        read = sentences(name, language, written(name, language))
        found = [one for sentence in read for one in hard(sentence, language)]
        assert any(excepted(one, row, name, language) for one in found), row
        assert len(row["why"].split()) > 5, row


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("nl", "Indien je vragen hebt, mail ons.", "read_office_word"),
        ("nl", "De besluitvormingsprocedure begint.", "read_hard_word"),
        ("nl", " ".join(["dit"] * 23) + ".", "read_long_sentence"),
        ("en", "We write in order to help.", "read_office_word"),
        ("en", "The internationalisation begins.", "read_hard_word"),
        ("en", " ".join(["this"] * 25) + ".", "read_long_sentence"),
    ],
)
def test_what_is_hard_is_found(language: str, text: str, code: str) -> None:
    assert [one.code for one in hard(split(text)[0], language)] == [code]


@pytest.mark.parametrize(
    ("language", "text"),
    [("nl", "De vraag wordt door de opleiding opgepakt."), ("nl", "Dat wordt gedaan."),
     ("nl", "Je hoort wie gekozen wordt."), ("en", "It was taken by the school."), ("en", "It is quickly decided.")],
)  # fmt: skip
def test_a_passive_sentence_is_known(language: str, text: str) -> None:
    assert figures(split(text), language).passive_share == 1


@pytest.mark.parametrize(
    ("language", "text"), [("nl", "Je wordt blij van dit resultaat."), ("en", "You are the owner.")]
)
def test_an_active_one_is_not(language: str, text: str) -> None:
    assert figures(split(text), language).passive_share == 0


@in_both
def test_hard_texts_and_easy_ones_lie_far_apart(language: str) -> None:
    easy = {"nl": "Je vraag is binnen. We lezen hem snel. Je hoort van ons.",
            "en": "Your question is here. We read it soon. You will hear from us."}  # fmt: skip
    heavy = {"nl": "Naar aanleiding van de inwerkingtreding van de samenwerkingsovereenkomst zijn aanvullende "
                   "maatregelen noodzakelijk ter verwezenlijking van de doelstellingen.",
             "en": "Following implementation of the cooperation agreement, additional organisational arrangements are "
                   "necessary for the realisation of institutional objectives."}  # fmt: skip
    limit = plain_language(language)["reading_ease"]
    assert figures(split(easy[language]), language).reading_ease > limit + 15
    assert figures(split(heavy[language]), language).reading_ease < limit - 40
