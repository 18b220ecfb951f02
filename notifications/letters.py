"""From facts to a letter: subject, plain text and HTML. Each text is compiled once per language.

A city may have texts of its own. They are compiled as the release's are, in a sandbox; `notifications/checking.py` says
what they may hold.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import mrml
from jinja2 import Environment, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications import filters
from notifications.facts import ABOUT_HAND_IN, GATHERED, complete
from notifications.markup import Source
from notifications.writing import as_mjml, as_text

HERE = Path(__file__).parent
TEXTS = HERE / "texts"
LANGUAGES = tuple(sorted(folder.name for folder in TEXTS.iterdir() if folder.is_dir()))
AT = "at "  # before the reference of a question among the links
PART = re.compile(r"^\[\[([a-z-]+)\]\]$", re.MULTILINE)
GREETING = re.compile(r"^(.*\{\{ recipient \}\},)$", re.MULTILINE)
BUTTON = re.compile(r"^(\[\[act\|.+\]\])$", re.MULTILINE)
LOG = logging.getLogger(__name__)
ASK = re.compile(r"^\[\[ask\]\]$", re.MULTILINE)
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One letter, ready to be sent or shown."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """The templates of one text."""

    subject: Template
    text: Template
    html: Template


@lru_cache
def letters() -> frozenset[str]:
    """The name of every letter there is a text for."""
    return frozenset(file.stem for file in (TEXTS / LANGUAGES[0]).glob("*.txt"))


@lru_cache
def editable() -> frozenset[str]:
    """The letters of which a city may change the text; those about several questions are put together, not written."""
    return letters() - GATHERED - ABOUT_HAND_IN


def render(
    name: str, language: str, facts: Mapping[str, Any], links: Mapping[str, str], own: str | None = None
) -> Rendered:
    """A letter in the reader's language, English where we do not speak theirs; `own`: the city's text for it.

    Where a city's text cannot say these facts, the release's does: a letter that is owed goes out. Raises LookupError
    for a letter we do not know, ValueError when facts are missing.
    """
    language = spoken(language)
    if own:
        try:
            return put_on_paper(compiled(name, language, own), name, language, facts, links)
        except Exception:  # whatever it is: the release's text has been tried with every fact
            LOG.exception("the city's text of %s (%s) could not be used; the release's is", name, language)
    return put_on_paper(compiled(name, language), name, language, facts, links)


def put_on_paper(
    letter: Compiled, name: str, language: str, facts: Mapping[str, Any], links: Mapping[str, str]
) -> Rendered:
    """A compiled text with these facts in it."""
    action = next((links[kind] for kind in ("act", "question", "status") if links.get(kind)), "")
    seen = {
        **complete(name, facts),
        "action": action,
        "personal": bool(links.get("act")),
        "status": links.get("status", ""),
        "mail": links.get("mail", ""),
        "at": {kind.removeprefix(AT): url for kind, url in links.items() if kind.startswith(AT)},
        **_besides(name, language, facts),
    }
    text = EMPTY_LINES.sub("\n\n", letter.text.render(seen)).strip() + "\n"
    opening = filters.line(next(iter(text.split("\n\n")[1:2]), ""))
    return Rendered(letter.subject.render(seen), text, letter.html.render(seen, opening=opening))


def spoken(language: str) -> str:
    """The language of the texts for a reader of this one."""
    return language if language in LANGUAGES else "en"


def sentence(name: str, language: str, facts: Mapping[str, Any]) -> str:
    """What a letter says in one line: its subject, without the reference."""
    letter = compiled(name, spoken(language))
    said = filters.line(letter.subject.render(complete(name, facts)))
    return said.removeprefix(f"[{filters.line(facts.get('ref'))}] ")


def _besides(name: str, language: str, facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What a letter was folded with: `roles` in which it was meant too, and `also`, other letters in one line each."""
    roles: dict[str, None] = {}
    also: dict[tuple[str, ...], dict[str, Any]] = {}
    for one in facts.get("also") or ():
        if (one["letter"], one["facts"]) == (name, {}):
            roles[one["role"]] = None
            continue
        says = sentence(one["letter"], language, {**facts, **one["facts"], "role": one["role"]})
        same = also.setdefault((says, str(one["about"]), str(one["in_place_of"])), {**one, "says": says, "labels": {}})
        same["labels"][one["role_label"]] = None
        same["asks"] |= one["asks"]
    return {"roles": [*roles], "also": [one | {"role_label": ", ".join(one["labels"])} for one in also.values()]}


@lru_cache(maxsize=512)
def compiled(name: str, language: str, own: str | None = None) -> Compiled:
    """The templates of one letter, of a city's own text when there is one; kept, by what the text says.

    Raises LookupError when there is no such text, ValueError when it is faulty.
    """
    return compiled_afresh(name, language, own)


def compiled_afresh(name: str, language: str, own: str | None = None) -> Compiled:
    """As `compiled`, for a text that is only tried."""
    subject, body = source_of(name, language, own)
    try:
        title = Source(subject)
        return _compile(title, Source(body, title), Source(part("footer", language), title), language)
    except (ValueError, OSError, TemplateError) as fault:
        raise ValueError(f"texts/{language}/{name}.txt: {fault}") from fault


def _compile(title: Source, body: Source, foot: Source, language: str) -> Compiled:
    plain, rich = environments(language)
    subject, text = title.restore(title.text), f"{as_text(body)}\n\n-- \n{as_text(foot)}"
    html = _html(title, body, foot, language)
    return Compiled(plain.from_string(subject), plain.from_string(text), rich.from_string(html))


def source_of(name: str, language: str, own: str | None = None) -> tuple[str, str]:
    """Subject and body as written, parts taken in."""
    subject, _, body = (own or written(name, language)).partition("\n")
    body = GREETING.sub(r"\1\n\n[[instead]]", body, count=1)
    body = BUTTON.sub(r"\1\n\n[[link]]", body)  # what to know about a personal link stands below every button
    body = ASK.sub("[[also]]\n\n[[ask]]", body) if ASK.search(body) else f"{body.rstrip()}\n\n[[also]]\n"
    return subject.strip(), PART.sub(lambda found: part(found[1], language), body)


def written(name: str, language: str) -> str:
    """The text of this release. Raises LookupError."""
    file = TEXTS / language / f"{name}.txt"
    if not re.fullmatch("[a-z-]+", name) or not file.is_file():
        raise LookupError(f"there is no letter {name!r} in {language!r}")
    return file.read_text("utf-8")


def part(name: str, language: str) -> str:
    """A part that texts have in common. Raises FileNotFoundError."""
    return (TEXTS / language / "parts" / f"{name}.txt").read_text("utf-8").strip()


def _html(title: Source, body: Source, foot: Source, language: str) -> str:
    # MJML knows nothing of Jinja and escapes nothing: it only ever sees our own words and the marks of set-aside tags.
    pieces = {
        "title": escape(title.text),
        "opening": title.keep("{{ opening }}"),
        "body": as_mjml(body),
        "foot": as_mjml(foot),
    }
    frame = Template((HERE / "frame.mjml.j2").read_text("utf-8")).render(language=language, **pieces)
    without_fonts = mrml.RenderOptions(fonts={})  # known names would be fetched from elsewhere
    return title.restore(mrml.to_html(frame, render_options=without_fonts).content)


@lru_cache
def environments(language: str) -> tuple[Environment, Environment]:
    """For the plain text and for the HTML: a sandbox with our filters and nothing else."""
    plain = ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined)
    rich = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    for env in (plain, rich):
        env.globals.clear()
        env.filters |= {"day": filters.day_in(language), "line": filters.line, "lines": filters.lines}
        env.filters |= {"cap": filters.upper_first, "stop": filters.full_stop, "quoted": filters.quoted}
    plain.globals["row"], rich.globals["row"] = filters.text_row, filters.html_row
    rich.filters["lines"] = filters.html_lines
    return plain, rich
