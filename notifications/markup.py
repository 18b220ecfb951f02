"""The markup letters are written in: one source gives the plain text and the HTML, so that both say the same.

    paragraph        # heading        - item of a list        > words of a person        [[act|Text of the button]]
    ~ a hint in small print
    [[status|Text]] is an ordinary link to the page that says where the question stands; [[mail|Text]] to the one where
    the reader says how mail comes; [[each|Text]] to the page of the question that a loop calls `one`
    [[to /steps/…|Text]] is an ordinary link below the address of the button: one of the answers
    ::: on a line of its own opens and closes fact rows, `Label: value`; a row without a value is left out

Jinja tags are set aside before the markup is read and come back after it is written. So what people filled in
is only put in when a letter is rendered: it never meets the markup and cannot become a heading, link or row.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
MARK = re.compile(r"@@(\d+)@@")  # plain ASCII: mrml rewrites other signs in links
CONTROL = re.compile(r"(?:@@\d+@@\s*)+")
LINK = re.compile(r"\[\[(act|status|mail|each|to /[a-z_/]+)\|(.+)\]\]")
STARTS = {"# ": "heading", "- ": "list", "> ": "quote", "~ ": "hint"}
OPENS, CLOSES, BRANCHES = ("if ", "for "), ("endif", "endfor"), ("else", "elif ")


@dataclass(slots=True)
class Block:
    """One piece of a letter: its lines without their marks, tags set aside; `at` is the line where it begins."""

    kind: str
    lines: list[str] = field(default_factory=list)
    at: int = 0


class Crossing(ValueError):  # noqa: N818 - named for what is wrong
    """A condition begins in one piece and ends in another; `line` is where that piece begins."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(f"a condition is opened but not closed in: {words!r}")
        self.line = line


class Source:
    """A text with its Jinja tags set aside. `restore` brings them back, each value through a filter."""

    def __init__(self, text: str, beside: "Source | None" = None) -> None:
        # Sources that end up in one page number their tags on, so that any of them can restore the whole.
        self.tags: list[str] = beside.tags if beside else []
        self._ready: set[int] = beside._ready if beside else set()
        self.text = TAG.sub(self._set_aside, text)

    def _set_aside(self, found: re.Match[str]) -> str:
        self.tags.append(found[0])
        return f"@@{len(self.tags) - 1}@@"

    def restore(self, text: str, through: str = "line") -> str:
        """The text with its tags; every `{{ value }}` as `{{ (value)|through }}`."""
        return MARK.sub(lambda found: self._restored(int(found[1]), through), text)

    def keep(self, template: str) -> str:
        """Sets a piece of finished template aside, which `restore` brings back as it is. Gives its mark."""
        self._ready.add(len(self.tags))
        self.tags.append(template)
        return f"@@{len(self.tags) - 1}@@"

    def _restored(self, number: int, through: str) -> str:
        tag = self.tags[number]
        if number in self._ready or not tag.startswith("{{"):
            return tag
        return f"{{{{ ({tag[2:-2].strip(' -')})|{through} }}}}"

    def blocks(self) -> Iterator[Block]:
        """The pieces in order. Raises Crossing where a condition begins in one piece and ends in another."""
        block: Block | None = None
        for at, line in enumerate(self.text.splitlines(), 1):
            kind, words = self._kind(line)
            if block and self._goes_on(block, kind, words):
                block.lines.append(line.strip() if block.kind == "rows" else words)
                continue
            if block:
                yield self._checked(block)
            ends = kind == "blank" or (kind == "rows" and block is not None and block.kind == "rows")
            block = None if ends else Block(kind, [words] if words else [], at)
        if block:
            yield self._checked(block)

    def _kind(self, line: str) -> tuple[str, str]:
        line = line.strip()
        if not line or line == ":::":
            return ("rows" if line else "blank"), ""
        if link := LINK.fullmatch(line):
            return link[1], link[2]
        if CONTROL.fullmatch(line) and not any(tag.startswith("{{") for tag in self._tags_of(line)):
            return "control", line
        kind = STARTS.get(line[:2], "paragraph")
        return kind, line if kind == "paragraph" else line[2:].strip()

    def _goes_on(self, block: Block, kind: str, words: str) -> bool:
        if block.kind == "rows":
            return kind != "rows"
        if kind == "control":
            # In the middle of a list or paragraph a condition belongs to it; elsewhere it stands between pieces.
            return block.kind in ("list", "paragraph", "quote") and (self._step(words) > 0 or self._depth(block) > 0)
        return kind == block.kind and kind in ("list", "paragraph", "quote")

    def _tags_of(self, line: str) -> list[str]:
        return [self.tags[int(number)] for number in MARK.findall(line)]

    def _step(self, line: str) -> int:
        words = [tag.strip("{}%-").strip() + " " for tag in self._tags_of(line)]
        return sum(word.startswith(OPENS) - word.startswith(CLOSES) for word in words)

    def _depth(self, block: Block) -> int:
        return sum(self._step(line) for line in block.lines)

    def _checked(self, block: Block) -> Block:
        if block.kind != "control" and not self.closed(block.lines):
            raise Crossing(block.at, self.restore(" ".join(block.lines)))
        return block

    def closed(self, lines: Iterable[str]) -> bool:
        """Whether every condition in these lines begins and ends there, its branches between."""
        depth = 0
        for tag in (tag for line in lines for tag in self._tags_of(line)):
            word = tag.strip("{}%-").strip() + " "
            depth += word.startswith(OPENS) - word.startswith(CLOSES)
            if depth < 0 or (depth == 0 and word.startswith(BRANCHES)):
                return False
        return depth == 0
