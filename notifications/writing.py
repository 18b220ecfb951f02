"""Writes the pieces of a letter twice: as plain text and as MJML. Both are Jinja templates once tags are restored."""

from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape

from notifications.markup import CONTROL, MARK, Block, Source

MJML_OF = {
    "heading": "<h2>{}</h2>",
    "paragraph": "<p>{}</p>",
    "hint": '<p class="hint">{}</p>',
    "list": "<ul>{}</ul>",
    "rows": '<table class="rows">{}</table>',
    "quote": '<blockquote class="quote">{}</blockquote>',
}
TO = "to "
LINKS = {"status": "{{ status }}", "mail": "{{ mail }}", "each": "{{ at[one.ref] }}"}
FRAMES = {
    "paragraph": "{% filter line %}{}{% endfilter %}",
    "hint": "{% filter line %}{}{% endfilter %}",
    "act": "{% if action %}{}:\n{{ action }}{% endif %}",
    **{kind: f"{{}}:\n{target}" for kind, target in LINKS.items()},
}


def as_text(source: Source) -> str:
    """The Jinja template of the plain text."""
    return "\n\n".join(_text(source, block) for block in source.blocks())


def as_mjml(source: Source) -> str:
    """The pieces as MJML children of one column, values escaped when the letter is rendered; tags still set aside."""
    apart = ("act", "control")
    groups = groupby(source.blocks(), lambda block: block.kind if block.kind in apart else "text")
    return "\n".join(_mjml(source, kind, blocks) for kind, blocks in groups)


def _text(source: Source, block: Block) -> str:
    lines = block.lines
    if block.kind == "rows":
        return "".join(_row(source, line) for line in lines if line)
    if block.kind == "list":
        return source.restore("".join(line if CONTROL.fullmatch(line) else f"- {line}\n" for line in lines))
    if block.kind == "quote":
        return "{% filter quoted %}" + source.restore("\n".join(lines), "lines") + "{% endfilter %}"
    words = source.restore("\n".join(lines))
    if block.kind == "heading":
        return f"{words}\n{'-' * len(MARK.sub('', lines[0]))}"
    if block.kind.startswith(TO):
        return f"{words}{{% if personal %}}:\n{{{{ action }}}}{block.kind.removeprefix(TO)}{{% endif %}}"
    return FRAMES.get(block.kind, "{}").replace("{}", words)


def _row(source: Source, line: str) -> str:
    if CONTROL.fullmatch(line):
        return source.restore(line)
    label, _, value = line.partition(": ")
    value = "{% set value %}" + source.restore(value, "lines") + "{% endset %}"
    return value + "{% set label %}" + source.restore(label) + "{% endset %}{{ row(label, value) }}"


def _mjml(source: Source, kind: str, blocks: Iterable[Block]) -> str:
    if kind == "control":
        return "".join(f"<mj-raw>{line}</mj-raw>" for block in blocks for line in block.lines)
    if kind == "act":
        return "".join(_button(source, block) for block in blocks)
    return "<mj-text>" + "".join(_html(source, block) for block in blocks) + "</mj-text>"


def _button(source: Source, block: Block) -> str:
    shown, ends, target = (source.keep(tag) for tag in ("{% if action %}", "{% endif %}", "{{ action }}"))
    button = f'<mj-button href="{target}">{escape(block.lines[0])}</mj-button>'
    return f"<mj-raw>{shown}</mj-raw>{button}<mj-raw>{ends}</mj-raw>"


def _html(source: Source, block: Block) -> str:
    if block.kind == "rows":
        words = "".join(source.keep(_row(source, escape(line))) for line in block.lines if line)
    elif block.kind == "quote":
        words = source.keep(source.restore(escape("\n".join(block.lines)), "lines"))
    elif block.kind in LINKS:
        return f'<p><a href="{source.keep(LINKS[block.kind])}">{escape(block.lines[0])}</a></p>'
    elif block.kind.startswith(TO):
        target = "{% if personal %}" + f'<a href="{{{{ action }}}}{block.kind.removeprefix(TO)}">' + "{% endif %}"
        return f"<p>{source.keep(target)}{escape(block.lines[0])}{source.keep('{% if personal %}</a>{% endif %}')}</p>"
    elif block.kind == "list":
        words = "".join(line if CONTROL.fullmatch(line) else f"<li>{escape(line)}</li>" for line in block.lines)
    else:
        words = escape("\n".join(block.lines))
    return MJML_OF[block.kind].format(words)
