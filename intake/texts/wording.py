"""What an author may write: every placeholder of a letter in plain words, with what it says in the example."""

from typing import Any

from notifications.facts import complete
from notifications.gallery import example, roles
from notifications.grammar import used
from notifications.letters import LANGUAGES, written
from notifications.placeholders import Placeholder, described, parts_for, placeholders
from schemas.words import word

MOST = 90


def explained(name: str, language: str) -> dict[str, Any]:
    """The placeholders and the parts of a letter; first what the release's text uses."""
    facts = complete(name, example(name, language, roles(name)[0]))
    mine = {path for one in LANGUAGES for path in used(written(name, one))}
    rows = [_row(one, facts, language) for one in placeholders(name).values() if not _within(one.path)]
    often, more = ([row for row in rows if (row["path"] in mine) is used_here] for used_here in (True, False))
    return {"used": often, "more": more, "parts": sorted(parts_for(name))}


def _within(path: str) -> bool:
    """`given.x` and its label are explained with its value."""
    return path.startswith("given.") and not path.endswith(".value")


def _row(one: Placeholder, facts: dict[str, Any], language: str) -> dict[str, Any]:
    need = one.path.split(".")[1] if one.path.startswith("given.") else ""
    what = word(language, f"needs.{need}.label") if need else str(described()[one.path].get(language, ""))
    return {"path": one.path, "what": what, "written": _written(one), "example": _example(one, facts)}


def _written(one: Placeholder) -> str:
    """How one writes it."""
    if one.path.startswith("given."):
        return f"{{% if {one.path.removesuffix('.value')} is defined %}} {{{{ {one.path} }}}} {{% endif %}}"
    if one.kind == "given":
        return "{% for one in given.values() %} {{ one.label }}: {{ one.value }} {% endfor %}"
    if one.kind == "items":
        return f"{{% for label, value in {one.path}.items() %}} {{{{ label }}}}: {{{{ value }}}} {{% endfor %}}"
    if one.kind == "rows":
        names = " ".join(f"{{{{ one.{name} }}}}" for name in one.holds)
        return f"{{% for one in {one.path} %}} {names} {{% endfor %}}"
    if one.kind == "truth":
        return f"{{% if {one.path} %}} … {{% endif %}}"
    return f"{{{{ {one.path}|day }}}}" if one.kind == "day" else f"{{{{ {one.path} }}}}"


def _example(one: Placeholder, facts: dict[str, Any]) -> str:
    if one.kind not in ("value", "day"):
        return ""
    value: Any = facts
    for key in one.path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    text = "" if value is None else str(value)
    return text if len(text) <= MOST else text[: MOST - 1] + "…"
