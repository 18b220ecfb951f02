"""The letters: complete, the same in both languages and both forms, and safe whatever people filled in."""

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inscriptis import get_text  # type: ignore[import-untyped]

from flows.links import links_of
from notifications.facts import WITHOUT_CASE, WITHOUT_STEP
from notifications.filters import line
from notifications.gallery import DOCS, LINKS, example, page
from notifications.gallery import links as links_shown
from notifications.letters import LANGUAGES, TEXTS, letters, render, source_of
from notifications.markup import Source
from schemas.ledger import Letter
from schemas.process import QUESTION, TRAJECTORY
from tests.notifications.cases import ALL, PERSONAL, SETS_OF_LINKS, every_set, full, marked

LEFT_OVER = re.compile("\\[\\[|\\]\\]|:::|\\{[{%#]|[%#}]\\}|@@|None|Undefined|\n\n\n|  +[a-z]")
WORD = re.compile(r"\w+")
ANSWER = re.compile(r"/(steps|ways)/[a-z_]+$", re.MULTILINE)  # below the address of the button
everywhere = pytest.mark.parametrize(("name", "role"), ALL)
in_both = pytest.mark.parametrize("language", LANGUAGES)


class Seen(HTMLParser):
    """The tags and links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.links: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += tag != "br"
        sources = ("href", "src", "background", "srcset", "action")
        self.links |= {ANSWER.sub("", value or "") for key, value in attrs if key in sources}


@in_both
def test_there_is_a_text_for_every_letter_and_no_text_without_a_letter(language: str) -> None:
    texts = {file.stem for file in (TEXTS / language).glob("*.txt")}
    assert texts == QUESTION.letters() | TRAJECTORY.letters() | WITHOUT_CASE | WITHOUT_STEP == letters()


@in_both
@everywhere
def test_every_set_of_facts_and_links_gives_a_whole_letter(name: str, role: str, language: str) -> None:
    for facts in every_set(name, role):
        for links in SETS_OF_LINKS:
            letter = render(name, language, facts, links)
            body = letter.text.split("\n-- \n")[0]
            assert not LEFT_OVER.search(letter.subject + "\n" + re.sub(r"(?m)^ +", "", letter.text)), letter.text
            assert body.startswith(("Beste ", "Dear "))
            assert facts["recipient"] in body.partition("\n")[0]
            assert letter.subject == line(letter.subject) != ""
            assert len(letter.html) < 90_000, "Gmail cuts off a letter of 102 kB"
            assert all(link in letter.text for link in links.values() if link != LINKS["question"])


@everywhere
def test_both_languages_use_the_same_facts(name: str, role: str) -> None:
    used = []
    for language in LANGUAGES:
        # Where a sentence ends with a title differs by language; that is punctuation, no fact.
        tags = [tag for tag in Source("\n".join(source_of(name, language))).tags if "|stop" not in tag]
        used.append(Counter(re.sub(r'"[^"]*"', '""', tag) if tag.startswith("{{") else tag for tag in tags))
    assert used[0] == used[1]


@in_both
@everywhere
def test_the_html_says_what_the_text_says(name: str, role: str, language: str) -> None:
    for facts in every_set(name, role):
        letter = render(name, language, facts, LINKS)
        shown = get_text(letter.html).split("Stadsvraag", 1)[1]
        written = ANSWER.sub("", letter.text)
        for link in ("act", "status", "mail"):
            written = written.replace(LINKS[link], "")
        assert WORD.findall(shown) == WORD.findall(written)


@in_both
@everywhere
def test_the_html_asks_nothing_of_another_host(name: str, role: str, language: str) -> None:
    html = render(name, language, full(name, role), LINKS).html
    assert Seen(html).links == {LINKS["act"], LINKS["status"], LINKS["mail"]}
    assert not re.search(r"@import|@font-face|url\(|<(img|link|script|iframe|object|form)\b", html)
    assert 'color-scheme" content="light dark"' in html
    assert f'lang="{language}"' in html


@in_both
@everywhere
def test_a_subject_holds_nothing_personal(name: str, role: str, language: str) -> None:
    assert "§" not in render(name, language, marked(name, role, "§"), LINKS).subject


@in_both
@everywhere
def test_every_letter_says_why_it_came_who_runs_it_and_whom_to_ask(name: str, role: str, language: str) -> None:
    facts = full(name, role)
    letter = render(name, language, facts, LINKS)
    assert (
        re.search(r"\n-- \n\n(Je krijgt deze mail omdat je |You get this e-mail because you)", letter.text) or not role
    )
    assert facts["cooperation"] in letter.text
    assert (facts["coordinator"]["email"] in letter.text) != (role == "coordinator")


@everywhere
def test_the_gallery_shows_the_links_that_are_sent(name: str, role: str) -> None:
    facts = example(name, "nl", role) | {"sign_in_link_id": 1}
    meeting = 1 if "meeting" in facts else None
    sent = links_of(
        Letter(id=1, name=name, facts=facts, question_id=1, recipient_id=1, email="a@example.org", meeting_id=meeting)
    )
    assert links_shown(name).keys() == sent.keys()


NASTY = st.text(
    st.one_of(st.sampled_from("\r\n\t\x00\x0b\x85\u2028\u202e<>&\"'{}[]|%#=:-> @\ud800é€😀"), st.characters()),
    max_size=80,
)


def swapped(facts: Any, word: str) -> Any:
    """The same facts with every word that people filled in replaced."""
    if isinstance(facts, dict):
        return {
            key: swapped(value, word) if key not in ("ref", "role", "state", "step", "by", "letter") else value
            for key, value in facts.items()
        }
    return word if isinstance(facts, str) else facts


@settings(max_examples=60, deadline=None)
@given(word=NASTY, case=st.sampled_from(ALL), language=st.sampled_from(LANGUAGES))
def test_what_people_fill_in_never_becomes_markup_link_or_header(
    word: str, case: tuple[str, str], language: str
) -> None:
    name, role = case
    word = "x" + word + "x"
    tame, wild = (render(name, language, swapped(full(name, role), one), LINKS) for one in ("xx", word))
    assert Seen(wild.html).tags == Seen(tame.html).tags
    assert Seen(wild.html).links == {LINKS["act"], LINKS["status"], LINKS["mail"]}
    assert wild.subject == line(wild.subject)
    assert wild.text.count("\n---") == tame.text.count("\n---") or "---" in word
    (wild.subject + wild.text + wild.html).encode()


@pytest.mark.parametrize(
    "word", ["# Kop", "- punt", "[[act|Klik]]", "> zei ik", ":::", "{{ secret }}", "{% raw %}", "</p><a href=//x>"]
)
def test_markup_and_template_in_a_title_are_only_words(word: str) -> None:
    letter = render(
        "offer", "nl", example("offer", "nl", "broker") | {"title": word, "situation": f"Kijk:\n{word}"}, LINKS
    )
    assert f"“{word}”" in letter.text
    assert f"\n  {word}\n" in letter.text
    assert Seen(letter.html).links == {LINKS["act"], LINKS["status"], LINKS["mail"]}


def test_dates_are_written_out_and_free_text_stays() -> None:
    facts = example("offer", "nl", "broker")
    assert "dinsdag 15 december 2026" in render("offer", "nl", facts, LINKS).text
    assert "Tuesday 15 December 2026" in render("offer", "en", facts, LINKS).text
    assert "Antwoord nodig: voor de zomer" in render("offer", "nl", facts | {"needed_by": "voor de zomer"}, LINKS).text


def test_an_owner_who_submitted_is_not_spoken_to_about_themselves() -> None:
    facts = example("receipt", "nl", "owner") | {"submitter": "Amira Bakker"}
    letter = render("receipt", "nl", facts, LINKS)
    assert letter.subject == "[ES-2026-0001-K] Je vraag is binnen"
    assert "heeft bij Stadsvraag een vraag ingediend" not in letter.text


def test_a_language_we_do_not_speak_gets_english_and_an_unknown_letter_is_refused() -> None:
    facts = example("offer", "en", "broker")
    assert render("offer", "de", facts, LINKS) == render("offer", "en", facts, LINKS)
    for name in ("../nl/offer", "parts/ask", "nothing"):
        with pytest.raises(LookupError):
            render(name, "nl", facts, LINKS)


@pytest.mark.parametrize("key", PERSONAL)
def test_a_missing_fact_is_refused_by_name(key: str) -> None:
    facts = example("offer", "nl", "broker")
    del facts[key]
    with pytest.raises(ValueError, match=key):
        render("offer", "nl", facts, LINKS)


def test_a_letter_to_sign_in_needs_only_a_name() -> None:
    assert (
        "Log in bij Stadsvraag:\nhttps://x.example.org/l/1"
        in render("sign-in", "nl", {"recipient": "Amira"}, {"act": "https://x.example.org/l/1"}).text
    )


@pytest.mark.parametrize("text", ["- a\n{% if x %}\n\n- b\n{% endif %}", "een {% if x %}\n\ntwee {% endif %}"])
def test_a_condition_that_crosses_pieces_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="opened but not closed"):
        list(Source(text).blocks())


@in_both
def test_the_gallery_is_current(language: str) -> None:
    assert (DOCS / f"{language}.md").read_text("utf-8") == page(language), "run: python -m notifications.gallery"
