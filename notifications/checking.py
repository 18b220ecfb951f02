"""Whether a text that somebody wrote may become a letter: everything that is wrong with it, with its line.

The rules are what the release's own text of that letter does: what it leads to, whom it names, which parts it has.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import yaml

from notifications.filters import BREAK, UNWANTED
from notifications.gallery import links, roles
from notifications.grammar import Problem, tag_problems, used
from notifications.letters import GREETING, PART, compiled_afresh, put_on_paper, written
from notifications.markup import LINK, MARK, TAG, Crossing, Source
from notifications.placeholders import parts_for
from notifications.trials import every_set, marked

LONGEST, LONGEST_SUBJECT, SIGN = 6000, 120, "§"
IN_SUBJECT = re.compile(r"ref|city|until|(now|task)\.by|meeting\.(committee|day)|other\.ref|"
                        r"trajectory\.(ref|institution|offering|term|starts_on|ends_on)")  # fmt: skip
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
UNREADABLE = frozenset({"text_sign", "text_unclosed", "text_syntax", "text_tag", "text_too_deep"})
Texts = Mapping[str, str]


def plain(text: str) -> str:
    """As it is kept: line ends of one kind, nothing behind a line or the whole."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def problems(name: str, texts: Texts) -> dict[str, list[Problem]]:
    """Everything that is wrong, by language; `texts` has every language. No language is there when all is well."""
    found = {language: list(_of_one(name, language, text)) for language, text in texts.items()}
    if not any(found.values()):
        found = {language: list(_lacking(texts, language)) for language in texts}
    return {language: one for language, one in found.items() if one}


def _of_one(name: str, language: str, text: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(1, "text_empty")
        return
    wrong = [*_signs(text), *tag_problems(name, text), *_links(name, text)]
    if not {one.code for one in wrong} & UNREADABLE:
        wrong += _pieces(text)
    wrong += [*_subject(name, language, text), *_body(name, language, text)]
    if any(one.code == "text_link" for one in wrong):  # it may be the one that is missed
        wrong = [one for one in wrong if one.code != "text_no_link"]
    last = text.count("\n") + 1
    told = [Problem(min(one.line, last), one.code, one.what) for one in wrong]
    yield from sorted(told, key=lambda one: one.line or last) or _tried(name, language, text)


def _signs(text: str) -> Iterator[Problem]:
    if len(text) > LONGEST:
        yield Problem(0, "text_too_long", str(LONGEST))
    for number, line in enumerate(text.split("\n"), 1):
        if UNWANTED.search(line) or BREAK.search(line) or MARK.search(line):
            yield Problem(number, "text_sign")


def _links(name: str, text: str) -> Iterator[Problem]:
    to = {link[1] for link in LINK.finditer(written(name, "en")) if link[1].startswith("to ")}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not re.search(r"\[\[|\]\]", line):
            continue
        part, link = PART.fullmatch(line), LINK.fullmatch(line)
        if part and part[1] not in parts_for(name):
            yield Problem(number, "text_part", line)
        if not part and (not link or (link[1].startswith("to ") and link[1] not in to)):
            yield Problem(number, "text_link", line)


def _pieces(text: str) -> Iterator[Problem]:
    """Conditions that cross pieces, and rows of facts that are none."""
    source = Source(text)
    fences = [number for number, line in enumerate(text.split("\n"), 1) if line.strip() == ":::"]
    if len(fences) % 2:
        yield Problem(fences[-1], "text_fence")
        return
    try:
        rows = [block for block in source.blocks() if block.kind == "rows"]
    except Crossing as fault:
        yield Problem(fault.line, "text_crossing")
        return
    for block in rows:
        for offset, line in enumerate(block.lines, 1):
            label, colon, value = line.partition(": ")
            if (
                line
                and MARK.sub("", line).strip()
                and not (colon and source.closed([label]) and source.closed([value]))
            ):
                yield Problem(block.at + offset, "text_row")


def _subject(name: str, language: str, text: str) -> Iterator[Problem]:
    subject, _, rest = text.partition("\n")
    if not TAG.sub("", subject).strip():
        yield Problem(1, "text_no_subject")
    if "{{ ref }}" in written(name, language).partition("\n")[0] and "[{{ ref }}] " not in subject:
        yield Problem(1, "text_no_reference", "[{{ ref }}] ")
    said = re.sub(r"\{%.*?%\}", "", subject)
    for path in used(said):
        if not IN_SUBJECT.fullmatch(path):
            yield Problem(1, "text_personal", path)
    if rest and rest.split("\n")[0].strip():
        yield Problem(2, "text_below_subject")


def _body(name: str, language: str, text: str) -> Iterator[Problem]:
    release, body = written(name, language), text.partition("\n")[2]
    if len(GREETING.findall(body)) != 1:
        yield Problem(3, "text_greeting", "{{ recipient }},")
    wanted = [link[0] for link in LINK.finditer(release)]
    has = {link[1] for link in LINK.finditer(body)}
    for link in wanted:
        kind = LINK.fullmatch(link)
        if kind and kind[1] not in has:
            yield Problem(0, "text_no_link", link)
            has.add(kind[1])
    if "[[ask]]" in release and "[[ask]]" not in body:
        yield Problem(0, "text_no_part", "[[ask]]")
    opening = GREETING.split(body)[-1].partition("\n# ")[0] if GREETING.search(body) else ""
    if GREETING.search(body) and not any(TAG.sub("", line).strip() for line in opening.split("\n")):
        yield Problem(3, "text_no_opening")
    yield from _families(release, body, language)


@lru_cache
def _family_words() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = yaml.safe_load(
        (Path(__file__).parent / "texts" / "families.yaml").read_text("utf-8")
    )
    return read


def _families(release: str, body: str, language: str) -> Iterator[Problem]:
    """A heading that says what comes next, or what the reader can do, where the release's text has one."""
    for words in _family_words().values():
        pattern = re.compile(words[language], re.IGNORECASE)
        theirs = [one for one in HEADING.findall(release) if pattern.search(one)]
        if theirs and not any(pattern.search(one) for one in HEADING.findall(body)):
            yield Problem(0, "text_no_heading", theirs[0])


def _lacking(texts: Texts, language: str) -> Iterator[Problem]:
    """What this text says and the others do not: all languages tell the same facts."""
    mine = said_facts(texts[language])
    for other, text in texts.items():
        for fact in sorted(mine.keys() - said_facts(text).keys()) if other != language else ():
            yield Problem(mine[fact], "text_not_in_other", fact)


def said_facts(text: str) -> dict[str, int]:
    """The facts and parts of a text, each with the first line that has it."""
    found = {fact: line for fact, line in used(text).items() if not re.match(r"(one|way|label|value|key|loop)\b", fact)}
    for number, line in enumerate(text.split("\n"), 1):
        if part := PART.fullmatch(line.strip()):
            found.setdefault(f"[[{part[1]}]]", number)
    return found


def _tried(name: str, language: str, text: str) -> Iterator[Problem]:
    """The text as a letter, with every set of facts that we can think of."""
    try:
        letter = compiled_afresh(name, language, text)
        for role in roles(name):
            for facts in every_set(name, role):
                for with_links in (links(name), {}):
                    made = put_on_paper(letter, name, language, facts, with_links)
                    if not made.subject.strip() or len(made.subject) > LONGEST_SUBJECT:
                        yield Problem(1, "text_subject_length", str(LONGEST_SUBJECT))
                        return
            if SIGN in put_on_paper(letter, name, language, marked(name, role, SIGN), {}).subject:
                yield Problem(1, "text_personal", "")
                return
    except Exception as fault:  # whatever it is, this text cannot be sent
        yield Problem(0, "text_broken", str(fault)[:200])
