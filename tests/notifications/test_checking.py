"""Texts of a city: everything wrong is told with its line, nothing escapes, and what is sound renders."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.checking import LONGEST, plain, problems, said_facts
from notifications.gallery import LINKS, example, roles
from notifications.grammar import tag_problems
from notifications.letters import LANGUAGES, compiled_afresh, editable, put_on_paper, render, written
from notifications.placeholders import described, parts_for, placeholders
from notifications.trials import every_set
from schemas.words import words

NAME = "accepted"
counted: dict[str, int] = {"refused": 0, "rendered": 0, "escapes refused": 0}


def release(name: str = NAME) -> dict[str, str]:
    return {language: plain(written(name, language)) for language in LANGUAGES}


def told(text: str, name: str = NAME) -> set[tuple[int, str]]:
    """Line and code of everything wrong with a Dutch text."""
    return {(one.line, one.code) for one in problems(name, release(name) | {"nl": text}).get("nl", [])}


def at(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if needle in line)


@pytest.mark.parametrize("name", sorted(editable()))
def test_the_texts_of_the_release_pass_their_own_rules(name: str) -> None:
    assert problems(name, release(name)) == {}


@pytest.mark.parametrize("name", sorted(editable()))
def test_all_languages_of_the_release_say_the_same(name: str) -> None:
    facts = [said_facts(text).keys() for text in release(name).values()]
    assert all(one == facts[0] for one in facts)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("“{{ title }}”", "“{{ titel }}”", "text_placeholder"),
        ("“{{ title }}”", "“{{ title }”", "text_unclosed"),
        ("“{{ title }}”", "“{{ title|upper }}”", "text_expression"),
        ("“{{ title }}”", "“{{ title.upper() }}”", "text_expression"),
        ("“{{ title }}”", "“{{ trajectory.lecturer }}”", "text_placeholder"),
        ("“{{ title }}”", "“{{ given }}”", "text_not_printed"),
        ("“{{ title }}”", "“{{ given.reason.value }}”", "text_unguarded"),
        ("“{{ title }}”", '“{% if role == "ownr" %}x{% endif %}”', "text_role"),
        ("“{{ title }}”", "“{% for x in title %}x{% endfor %}”", "text_loop"),
        ("“{{ title }}”", "“{% include 'x' %}”", "text_tag"),
        ("“{{ title }}”", "“{# stil #}”", "text_tag"),
        ("“{{ title }}”", "“\u202e”", "text_sign"),
        ("“{{ title }}”", "“@@0@@”", "text_sign"),
        ("[[ask]]", "[[asks]]", "text_part"),
        ("[[ask]]", "[[trajectory]]", "text_part"),
        ("[[act|Bekijk waar de vraag staat]]", "[[act Bekijk]]", "text_link"),
        ("[[act|Bekijk waar de vraag staat]]", "Klik [[act|hier]] nu", "text_link"),
        ("[[act|Bekijk waar de vraag staat]]", "[[to /steps/withdraw|Trek in]]", "text_link"),
        ("[[ask]]", ":::\nNaam: {{ owner }}", "text_fence"),
        ("[[ask]]", ":::\nzonder waarde\n:::", "text_row"),
        ("[[ask]]", "Een {% if role == \"owner\" %}\n\nTwee {% endif %}", "text_crossing"),
    ],
)  # fmt: skip
def test_each_fault_with_its_line(old: str, new: str, code: str) -> None:
    text = release()["nl"].replace(old, new)
    assert text != release()["nl"]
    first = at(text, new.split("\n")[0])
    found = told(text)
    assert {line for line, one in found if one == code} & {first, first + 1}, found


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("[{{ ref }}] ", "", 1, "text_no_reference"),
        ("[{{ ref }}] ", "[{{ ref }}] {{ title }} ", 1, "text_personal"),
        ("[{{ ref }}] ", "[{{ ref }}] " + "lang " * 30, 1, "text_subject_length"),
        ("Beste {{ recipient }},", "Beste mensen,", 3, "text_greeting"),
        ("Beste {{ recipient }},", "Beste {{ recipient }},\n\n# Kop", 3, "text_no_opening"),
        ("[[act|Bekijk waar de vraag staat]]", "", 0, "text_no_link"),
        ("[[ask]]", "", 0, "text_no_part"),
        ("# Wat er nu gebeurt", "# Iets anders", 0, "text_no_heading"),
    ],
)
def test_what_a_letter_cannot_do_without(old: str, new: str, line: int, code: str) -> None:
    assert (line, code) in told(release()["nl"].replace(old, new))


def test_everything_at_once() -> None:
    text = (
        release()["nl"].replace("[{{ ref }}] ", "").replace("{{ title }}", "{{ titel }}").replace("[[ask]]", "[[wie]]")
    )
    assert {code for _, code in told(text)} >= {"text_no_reference", "text_placeholder", "text_part", "text_no_part"}


def test_both_languages_tell_the_same() -> None:
    texts = release() | {
        "nl": release()["nl"].replace("Aannemen betekent", "{{ department }} hoort erbij. Aannemen betekent")
    }
    found = problems(NAME, texts)
    assert {one.code for one in found["nl"]} == {"text_not_in_other"}
    assert found["nl"][0].line == at(texts["nl"], "{{ department }}")
    texts["en"] = texts["en"].replace("You will hear", "{{ department }} takes part. You will hear")
    assert "{{ department }}" in texts["en"]
    assert problems(NAME, texts) == {}


def test_too_long_and_empty() -> None:
    assert (0, "text_too_long") in told(release()["nl"] + "\n\nEen zin." * LONGEST)
    assert told("") == {(1, "text_empty")}


LISTED = Path(__file__).with_name("escapes.txt").read_text("utf-8").splitlines()[1:]
ESCAPES = [one.replace("\\n", "\n") for one in LISTED]


@pytest.mark.parametrize("payload", ESCAPES)
def test_nothing_escapes(payload: str) -> None:
    counted["escapes refused"] += 1
    for place in ("[[ask]]", "Goed nieuws"):
        text = release()["nl"].replace(place, payload)
        found = problems(NAME, release() | {"nl": text}).get("nl", [])
        assert [one for one in found if one.line >= at(text, payload.split("\n")[0])], "refused, with its line"


@pytest.mark.parametrize(
    "payload", ["{{ ''.__class__.__mro__ }}", "{{ title.__class__ }}", "{{ given.values.__func__ }}"]
)
def test_the_sandbox_stands_behind_the_grammar(payload: str) -> None:
    letter = compiled_afresh(NAME, "nl", release()["nl"].replace("Goed nieuws", payload))
    with pytest.raises(Exception, match=r"unsafe|undefined|attribute"):
        put_on_paper(letter, NAME, "nl", example(NAME, "nl", "owner"), LINKS)


@pytest.mark.parametrize("name", ["range", "dict", "lipsum", "cycler", "joiner", "namespace"])
def test_there_is_nothing_to_call_in_it(name: str) -> None:
    letter = compiled_afresh(NAME, "nl", release()["nl"].replace("Goed nieuws", f"{{{{ {name} }}}}"))
    with pytest.raises(Exception, match="undefined"):
        put_on_paper(letter, NAME, "nl", example(NAME, "nl", "owner"), LINKS)


def test_a_text_that_cannot_be_used_gives_way_to_the_release(caplog: pytest.LogCaptureFixture) -> None:
    facts = example(NAME, "nl", "owner")
    broken = release()["nl"].replace("Goed nieuws", "{{ gone }}")
    assert render(NAME, "nl", facts, LINKS, broken) == render(NAME, "nl", facts, LINKS)
    assert "could not be used" in caplog.text
    own = release()["nl"].replace("Goed nieuws", "Fijn nieuws")
    assert "Fijn nieuws" in render(NAME, "nl", facts, LINKS, own).text
    assert "Fijn nieuws" in render(NAME, "nl", facts, LINKS, own).html


PIECES = st.sampled_from((
    '{{', '}}', '{%', '%}', '{{ title }}', '{{ x }}', '{% if role == "owner" %}', '{% else %}', '{% endif %}',
    '{% for one in given.values() %}', '{{ one.value }}', '{% endfor %}', '[[act|Klik]]', '[[ask]]', '[[now]]',
    ':::', '\n', '\n\n', '# Wat er nu gebeurt', '- punt', '> zei', '~ klein', 'Naam: {{ owner }}',
    'Beste {{ recipient }},', '[{{ ref }}] Over de vraag', '(', '|', '@@1@@', '\x00', '\u2028', '\ud800', 'é€😀',
    "a" * 50,
))  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    text=st.one_of(st.text(max_size=400), st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=40).map("".join)),
    name=st.sampled_from(sorted(editable())), within=st.booleans(),
)  # fmt: skip
def test_any_text_is_refused_or_renders(text: str, name: str, within: bool) -> None:
    texts = release(name)
    texts["nl"] = plain(texts["nl"] + "\n\n" + text if within else text)
    found = problems(name, texts)
    for language, faults in found.items():
        assert all(0 <= one.line <= texts[language].count("\n") + 1 for one in faults)
        assert all(one.code in words("nl")["faults"] and one.code in words("en")["faults"] for one in faults)
    counted["refused" if found else "rendered"] += 1
    if not found:
        letter = compiled_afresh(name, "nl", texts["nl"])
        for role in roles(name):
            for facts in every_set(name, role):
                assert put_on_paper(letter, name, "nl", facts, LINKS).subject


@settings(max_examples=150, deadline=None)
@given(words_=st.lists(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=12), min_size=1, max_size=30))
def test_plain_words_that_are_added_are_never_refused_without_reason(words_: list[str]) -> None:
    """Whatever somebody types between our own lines: a refusal names something in that line."""
    added = " ".join(" ".join(words_).split())
    texts = release()
    texts["nl"] = plain(texts["nl"].replace("[[ask]]", f"Zin: {added}.\n\n[[ask]]"))
    reasons = re.search(r"\{|\}|\[\[|\]\]|@@\d", added) or any(not sign.isprintable() for sign in added)
    found = problems(NAME, texts)
    counted["refused" if found else "rendered"] += 1
    assert bool(reasons) or found == {}


def test_every_placeholder_is_explained_in_every_language() -> None:
    for path, about in described().items():
        assert all(about.get(language) for language in LANGUAGES), path
    for name in editable():
        assert placeholders(name)
        assert parts_for(name)


def test_no_letter_may_name_what_lets_somebody_in() -> None:
    for name in editable():
        known: dict[str, Any] = dict(placeholders(name))
        assert not {"action", "status", "sign_in_link_id", "draft_id", "on_trial"} & known.keys()
        assert tag_problems(name, "x {{ action }}")
