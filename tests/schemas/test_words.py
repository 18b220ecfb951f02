"""The process in people's words: nothing nameless, in any language, and each language says the same things."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.form import FIELDS, PAGES
from schemas.ledger import LetterState
from schemas.needs import CODES, NEEDS
from schemas.process import MACHINES
from schemas.rules import NEW, Role
from schemas.words import choice_label, languages, word, words

ROOT = Path(__file__).parents[2]
LANGUAGE = pytest.mark.parametrize("language", languages())


MAKERS = ("Fault", "refuse", "Problem")  # of faults; a problem of a text becomes one


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def codes() -> set[str]:
    """Every fault code that the program can give: as data, or as a literal handed to one of MAKERS."""
    found: set[object] = set(CODES.values()) | {"not_a_date", "not_an_email", "wrong"}
    for path in [
        *(ROOT / "schemas").glob("*.py"),
        *(ROOT / "intake").rglob("*.py"),
        *(ROOT / "stadsvraag").glob("*.py"),
        *(ROOT / "notifications").glob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                last = node.args[1] if len(node.args) > 1 else None
                found |= {one.value for one in ast.walk(last) if isinstance(one, ast.Constant)} if last else set()
    return {code for code in found if isinstance(code, str)}


def test_dutch_and_english_are_there() -> None:
    assert languages()[:2] == ("nl", "en")


def test_every_language_has_the_same_keys() -> None:
    keys = {language: {path for path, _ in leaves(words(language))} for language in languages()}
    assert all(found == keys["nl"] for found in keys.values()), {
        language: found ^ keys["nl"] for language, found in keys.items()
    }


@LANGUAGE
def test_every_state_step_and_role_has_its_words(language: str) -> None:
    states = {state for machine in MACHINES.values() for state in machine.states} | {NEW}
    steps = {step for machine in MACHINES.values() for step in machine.steps}
    assert set(words(language)["states"]) == states
    assert set(words(language)["steps"]) == steps
    assert set(words(language)["roles"]) == {role.value for role in Role}
    for state in states:
        assert all(word(language, f"states.{state}.{part}") for part in ("label", "who", "what")), state
    for step in steps:
        assert all(word(language, f"steps.{step}.{part}") for part in ("label", "done")), step


@LANGUAGE
def test_whoever_has_to_act_is_told_what_to_do(language: str) -> None:
    for machine in MACHINES.values():
        for state, row in machine.states.items():
            expected = bool(row.waits_for) and state != "completed"
            assert bool(word(language, f"states.{state}.task")) or not expected, state


@LANGUAGE
def test_every_need_and_choice_has_its_words(language: str) -> None:
    known = words(language)["needs"]
    assert set(known) == {*NEEDS, *FIELDS}
    for name in known:
        assert word(language, f"needs.{name}.label"), name
        assert "hint" in known[name], name
    for name, need in {**FIELDS, **NEEDS}.items():
        if need.kind in ("choice", "scores"):
            assert set(known[name]["choices"]) == set(need.choices), name
            assert all(choice_label(language, name, choice) for choice in need.choices)
        if need.kind == "suggest":
            labels = known[name].get("choices") or words(language)["extra"][name]
            assert set(labels) == set(need.choices), name


@LANGUAGE
def test_every_fault_page_and_letter_state_has_its_words(language: str) -> None:
    assert set(words(language)["faults"]) == codes()
    assert [*words(language)["pages"]] == [str(n) for n, _ in enumerate(PAGES, start=1)]
    assert set(words(language)["letters"]) == {state.value for state in LetterState} | {"deferred"}


@LANGUAGE
def test_a_place_in_a_sentence_is_known(language: str) -> None:
    for path, text in leaves(words(language)):
        assert set(re.findall(r"\{(\w*)\}", text)) <= {"limit"}, path
        assert text == text.strip(), path
        assert isinstance(text, str), path


def test_languages_do_not_borrow_from_each_other() -> None:
    dutch = dict(leaves(words("nl")))
    same = {path for path, text in leaves(words("en")) if dutch[path] == text and re.search(r"\s.*\s", text)}
    assert same == set()


TEXTS = {
    language: (ROOT / f"schemas/words/{language}.yaml", *(ROOT / f"notifications/texts/{language}").rglob("*.txt"))
    for language in ("nl", "en")
}
TEXTS["nl"] = (*TEXTS["nl"], ROOT / "intake/locales/nl.po")
ONE_WORD = {  # what must not be said beside it: vraag; trajectory; arrangements, which a lecturer and an owner make
    "nl": re.compile(r"vraagstuk", re.IGNORECASE),
    "en": re.compile(r"\b(the|this) project\b(?! coordinator)|\bagreements\b", re.IGNORECASE),
}


@pytest.mark.parametrize("language", TEXTS)
def test_one_word_for_one_thing(language: str) -> None:
    found = {path.name: ONE_WORD[language].findall(path.read_text(encoding="utf-8")) for path in TEXTS[language]}
    assert {name: words for name, words in found.items() if words} == {}
