"""The way back: a page may say in `from` where its reader came from, and a step returns them there."""

from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request

LONGEST = 1000


def local(path: str) -> str:
    """A path on this site as it is; empty for whatever could lead elsewhere."""
    plain = path.isascii() and path.isprintable() and not {" ", "\\"} & {*path}
    if not plain or not path.startswith("/") or path.startswith("//") or len(path) > LONGEST:
        return ""
    try:
        parts = urlsplit(path)
    except ValueError:
        return ""
    return path if not parts.scheme and not parts.netloc else ""


def origin_of(request: Request) -> str:
    """Where the reader of this page came from, or empty."""
    return local(request.query_params.get("from", ""))


def onward(origin: str) -> str:
    """What an address must end in for the next page to know it too."""
    return "?from=" + quote(origin, safe="") if origin else ""


def returned(origin: str, step: str, ref: str) -> str:
    """Back where one came from, with what was done; the place on that page stays."""
    path, _, place = origin.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{urlencode({'done': step, 'ref': ref})}{'#' + place if place else ''}"
