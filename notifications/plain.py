"""Words of strangers as plain text: decoded whatever they are in, without signs that deceive, HTML as lines."""

import codecs
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header
from html import unescape

import nh3

LONGEST_HTML = 60_000  # of a page; what comes behind it is not worth the time that hostile nesting can cost
LONGEST_LINE = 500
# Slow, or no character sets at all; nobody writes mail in them.
STRANGE = {"idna", "punycode", "undefined", "mbcs", "oem", "unicode_escape", "raw_unicode_escape"}
ONE_BYTE = ("iso-8859", "latin", "windows-125", "cp125", "us-ascii", "ascii")
DECEIVING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")  # turn the reading order around
BLOCKS = {"p", "div", "br", "li", "tr", "blockquote", "h1", "h2", "h3", "h4", "ul", "ol", "table", "hr", "pre"}
DROPPED = {"script", "style", "head", "title"}
NEW_LINE = re.compile(r"<(?:br|/?p|/?div|/?tr|/?h\d|/?ul|/?ol|/?table|hr|/?pre|/?blockquote|/li)>")
TAG = re.compile(r"<[^<>]*>")
EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


def tidy(text: str) -> str:
    """Only signs that can be shown and kept: no control signs, no half pairs, none that turn the order around."""
    text = DECEIVING.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    kept = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs"))
    return EMPTY_LINES.sub("\n\n", kept).strip()


def one_line(text: str) -> str:
    """The same on one line, and not too long."""
    return " ".join(tidy(text[: 4 * LONGEST_LINE]).split())[:LONGEST_LINE]


def decoded(raw: bytes, charset: str | None) -> str:
    """Bytes as text. What a message says of its character set is often wrong; then by what fits."""
    # Anything is a text in a set of one byte each; what fits in UTF-8 beyond ASCII is hardly ever anything else.
    one_byte = (charset or "").lower().startswith(ONE_BYTE)
    for name in ("utf-8", charset) if one_byte else (charset, "utf-8"):
        try:
            if name and codecs.lookup(name).name not in STRANGE:
                return raw.decode(name)
        except (LookupError, ValueError):  # UnicodeError is a ValueError
            continue
    return raw.decode("cp1252", "replace")


def header_words(value: str) -> str:
    """A header as one line. `value` is as the parser read it: bytes beyond ASCII stand in it as surrogates."""
    plain = decoded(value[: 8 * LONGEST_LINE].encode("ascii", "surrogateescape"), None)
    try:
        found = decode_header(plain)
    except (HeaderParseError, ValueError):
        return one_line(plain)
    return one_line("".join(one if isinstance(one, str) else decoded(one, charset) for one, charset in found))


def from_html(page: str) -> str:
    """A page as lines of text. The library leaves a few tags without attributes, well nested; no script, no style."""
    kept = nh3.clean(page[:LONGEST_HTML], tags=BLOCKS, clean_content_tags=DROPPED, attributes={}, link_rel=None)
    lines = NEW_LINE.sub("\n", kept.replace("\n", " ").replace("<li>", "\n- "))
    return tidy("\n".join(" ".join(one.split()) for one in unescape(TAG.sub("", lines)).split("\n")))
