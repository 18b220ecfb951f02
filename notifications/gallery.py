"""Every letter with one example question: for readers in docs/letters, for the tests, and for looking at.

`python -m notifications.gallery` writes docs/letters/<language>.md; with `--html DIR` also every page to look at.
"""

import argparse
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from notifications.facts import ABOUT_DRAFT, ABOUT_HAND_IN, ABOUT_MEETING, GATHERED, SIGNING_IN
from notifications.letters import LANGUAGES, Rendered, letters, render
from schemas.process import MACHINES

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs" / "letters"
ADDRESS = "https://stadsvraag.example.org"
LINKS = {
    "act": f"{ADDRESS}/l/4fQ9r2",
    "status": f"{ADDRESS}/s/Zk81xw",
    "question": f"{ADDRESS}/questions/ES-2026-0001-K",
    "mail": f"{ADDRESS}/m/Yt5h3p",
}
HEADS = {"nl": ("Alle brieven van Stadsvraag", "Gemaakt met", "De vraag en de mensen zijn bedacht."),
         "en": ("All letters of Stadsvraag", "Made with", "The question and the people are invented.")}  # fmt: skip
BESIDE = {  # letters that no step sends
    "invited": ["broker"], "mentioned": ["committee", "broker", "owner"], "reply-received": ["coordinator"],
    "hand-in-near": ["coordinator", "owner", "broker"], "digest": ["coordinator", "broker"],
}  # fmt: skip
PEOPLE = {
    "submitter": "Joost Veldman", "owner": "Amira Bakker", "deputy": "Sanne ter Braak", "coordinator": "Bram de Boer",
    "committee": "Mirjam Kok", "chair": "Hans Leferink", "broker": "Lotte Wiegers", "lecturer": "Ilse Groothuis",
    "student_contact": "Tim Olthof", "partner": "Ruben Oude Nijhuis", "old_owner": "Amira Bakker",
    "other_owner": "Peter Nijland", "follower": "Peter Nijland", "lead": "Lotte Wiegers", "manager": "Nadia Postma",
    "privacy": "Hester Blom",
}  # fmt: skip


@lru_cache
def _example(language: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((HERE / "examples" / f"{language}.yaml").read_text("utf-8"))
    return read


def example(name: str, language: str, role: str = "owner") -> dict[str, Any]:
    """The facts of the example question for one letter to the person of a role."""
    given = _example(language)
    facts = {**given["base"], **given["letters"][name], "role": role}
    facts["recipient"] = PEOPLE.get(role, "Amira Bakker")
    if name == "reminder":
        facts["task"] = {**facts["task"], "what": given["tasks"][role]}
    parts = facts.pop("with", [])
    if facts["trajectory"]:
        own = given["unplaced"] if facts["trajectory"] == "unplaced" else {}
        facts["trajectory"] = {**given["trajectory"], **own, **{part: given[part] for part in parts}}
    return facts


def links(name: str) -> dict[str, str]:
    """The links that a letter of this name goes out with."""
    if name in SIGNING_IN:
        return {"act": f"{ADDRESS}/sign-in/pQ7w2k"}
    mail = {"mail": LINKS["mail"]}
    if name in ABOUT_DRAFT:
        return mail | {"act": f"{ADDRESS}/ask/uV3n8d/1"}
    if name in ABOUT_HAND_IN:
        return mail | {"question": f"{ADDRESS}/board"}
    if name in GATHERED:
        refs = [one["ref"] for one in _example("nl")["letters"][name]["questions"]]
        return mail | {"question": f"{ADDRESS}/desk", **{f"at {ref}": f"{ADDRESS}/questions/{ref}" for ref in refs}}
    return mail | {"question": f"{ADDRESS}/meetings/12"} if name in ABOUT_MEETING else LINKS


def roles(name: str) -> list[str]:
    """The roles that the process sends this letter to, in the order of its table."""
    tells = [tell for machine in MACHINES.values() for step in machine.steps.values() for tell in step.tell]
    for machine in MACHINES.values():
        for state in machine.states.values():
            tells += [*state.tell, *(due.tell for due in state.due if due.tell)]
    found = dict.fromkeys(str(role) for tell in tells if tell.letter == name for role in tell.to)
    if name in ABOUT_MEETING:
        return ["chair", "committee", "coordinator"]
    return list(found) or BESIDE.get(name, [""])


def every(language: str) -> Iterator[tuple[str, str, Rendered]]:
    """Every letter to every role it goes to: name, role, letter."""
    for name in sorted(letters()):
        for role in roles(name):
            yield name, role, render(name, language, example(name, language, role), links(name))


def page(language: str) -> str:
    """All letters of one language as one Markdown page."""
    title, made, invented = HEADS[language]
    written = [f"# {title}\n\n{made} `python -m notifications.gallery`. {invented}\n"]
    seen = ""
    for name, role, letter in every(language):
        written += [f"## {name}\n"] if name != seen else []
        written += [f"### {role or '-'}: {letter.subject}\n\n````text\n{letter.text}````\n"]
        seen = name
    return "\n".join(written)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--html", type=Path, help="a folder for the HTML of every letter")
    folder: Path | None = asked.parse_args().html
    for language in LANGUAGES:
        DOCS.mkdir(parents=True, exist_ok=True)
        (DOCS / f"{language}.md").write_text(page(language), "utf-8")
        for name, role, letter in every(language) if folder else ():
            (folder or DOCS).mkdir(parents=True, exist_ok=True)
            ((folder or DOCS) / f"{language}-{name}-{role or 'any'}.html").write_text(letter.html, "utf-8")


if __name__ == "__main__":
    main()
