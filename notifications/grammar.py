"""What a tag in a text may be: a small part of Jinja, read as a tree and compared with what the letter has.

Nothing that is not named here gets through: no call, no index, no attribute of Python. The sandbox in which texts are
rendered stands behind this.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from notifications.markup import TAG
from notifications.placeholders import GIVEN, Placeholder, placeholders
from schemas.rules import Role

FILTERS = frozenset({"day", "cap", "stop", "line", "lines"})
LONGEST_TAG, MOST_TAGS, DEEPEST = 200, 200, 4
STATEMENT = re.compile(r"\{% (?:(?:if|elif|for) .+|else|endif|endfor) %\}")
VALUE = re.compile(r"\{\{ .+ \}\}")
BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
STRANGE = re.compile(r"[\[\]{}\\@`~*/]")  # none of these has a place between the marks of a tag


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: in which line (1 is the subject, 0 the text as a whole), what, and the words meant."""

    line: int
    code: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be named at one place in a text."""

    known: Mapping[str, Placeholder]
    loop: Mapping[str, str] = field(default_factory=dict)  # names of the loop around, with their kind
    there: frozenset[str] = frozenset()  # what was filled in for certain: `{% if given.x is defined %}` is around it
    depth: int = 0


def tag_problems(name: str, text: str) -> list[Problem]:
    """What is wrong with the tags of a text; the order of the lines."""
    problems = [*_spelling(text)]
    if problems:
        return problems
    try:
        tree = _parser().parse(text)
    except TemplateSyntaxError as fault:
        return [Problem(min(fault.lineno, text.count("\n") + 1), "text_syntax", _tag_in(text, fault.lineno))]
    except RecursionError:
        return [Problem(0, "text_too_deep")]
    return sorted(set(_body(tree.body, Scope(placeholders(name)))), key=lambda one: one.line)


@lru_cache
def _parser() -> Environment:
    return Environment(autoescape=True)


def _spelling(text: str) -> Iterator[Problem]:
    count = 0
    for number, line in enumerate(text.split("\n"), 1):
        for tag in TAG.findall(line):
            count += 1
            inside = re.sub(r'"[^"]*"', '""', tag[2:-2])
            if BRACES.search(tag[2:-2]):  # the end of one is missing, and so it runs on to that of the next
                yield Problem(number, "text_unclosed", tag[:2])
                continue
            strange = STRANGE.search(tag[2:-2]) or inside.count("(") > 1 or len(tag) > LONGEST_TAG
            if strange or not (STATEMENT.fullmatch(tag) or VALUE.fullmatch(tag)):
                yield Problem(number, "text_tag", tag[:80])
        if left := BRACES.search(TAG.sub("", line)):
            yield Problem(number, "text_unclosed", left[0])
    if count > MOST_TAGS:
        yield Problem(0, "text_too_deep")


def _tag_in(text: str, number: int) -> str:
    lines = text.split("\n")
    return next(iter(TAG.findall(lines[number - 1]) if number <= len(lines) else ()), "")


def _body(body: list[nodes.Node], scope: Scope) -> Iterator[Problem]:
    if scope.depth > DEEPEST:
        yield Problem(body[0].lineno if body else 0, "text_too_deep")
        return
    for node in body:
        if isinstance(node, nodes.Output):
            for one in node.nodes:
                if not isinstance(one, nodes.TemplateData):
                    yield from _expression(one, scope, printed=True)
        elif isinstance(node, nodes.If):
            yield from _condition(node, scope)
        elif isinstance(node, nodes.For):
            yield from _loop(node, scope)
        else:
            yield Problem(node.lineno, "text_tag")


def _condition(node: nodes.If, scope: Scope) -> Iterator[Problem]:
    deeper = replace(scope, depth=scope.depth + 1)
    for branch in (node, *node.elif_):
        yield from _expression(branch.test, scope)
        yield from _body(branch.body, replace(deeper, there=scope.there | _certain(branch.test)))
    yield from _body(node.else_, deeper)


def _loop(node: nodes.For, scope: Scope) -> Iterator[Problem]:
    found = _gone_through(node, scope)
    if found is None or scope.loop or node.else_ or node.recursive:
        yield Problem(node.lineno, "text_loop")
        return
    within = replace(scope, loop=found, depth=scope.depth + 1)
    if node.test is not None:
        yield from _expression(node.test, within)
    yield from _body(node.body, within)


def _gone_through(node: nodes.For, scope: Scope) -> dict[str, str] | None:
    """The names that a loop gives, with the path of what they hold; None for what cannot be gone through."""
    call = node.iter if isinstance(node.iter, nodes.Call) else None
    if call and (call.args or call.kwargs or call.dyn_args or call.dyn_kwargs):
        return None
    path = path_of(call.node if call else node.iter) or ""
    source, _, method = path.rpartition(".") if call else (path, "", "")
    kind = scope.known[source].kind if source in scope.known else ""
    names = [one.name for one in getattr(node.target, "items", [node.target]) if isinstance(one, nodes.Name)]
    if any(name in scope.known or name in ("loop", GIVEN) for name in names):
        return None
    if (kind, method, len(names)) in (("given", "values", 1), ("rows", "", 1)):
        return {names[0]: source}
    if (kind, method, len(names)) in (("given", "items", 2), ("items", "items", 2)):
        return {names[0]: "", names[1]: source if kind == "given" else ""}
    return None


def path_of(node: nodes.Node) -> str | None:
    """`trajectory.lecturer` for the tree of it; None for anything that is no such chain of names."""
    if isinstance(node, nodes.Name):
        return str(node.name)
    if isinstance(node, nodes.Getattr) and (before := path_of(node.node)):
        return f"{before}.{node.attr}"
    return None


def _expression(node: nodes.Node, scope: Scope, *, printed: bool = False) -> Iterator[Problem]:
    line = node.lineno
    if (path := path_of(node)) is not None:
        yield from _named(path, line, scope, printed=printed)
    elif isinstance(node, nodes.Const):
        return
    elif isinstance(node, nodes.Filter) and node.node is not None and node.name in FILTERS and not _given_more(node):
        yield from _expression(node.node, scope, printed=printed)
    elif isinstance(node, nodes.Test) and node.name == "defined" and not _given_more(node):
        yield from _defined(node, scope)
    elif isinstance(node, nodes.Compare):
        yield from _comparison(node, scope)
    elif isinstance(node, nodes.And | nodes.Or):
        yield from _expression(node.left, scope, printed=printed)
        certain = _certain(node.left) if isinstance(node, nodes.And) else frozenset()
        yield from _expression(node.right, replace(scope, there=scope.there | certain), printed=printed)
    elif isinstance(node, nodes.Not):
        yield from _expression(node.node, scope)
    elif isinstance(node, nodes.CondExpr):
        yield from _expression(node.test, scope)
        within = replace(scope, there=scope.there | _certain(node.test))
        yield from _expression(node.expr1, within, printed=printed)
        if node.expr2:
            yield from _expression(node.expr2, scope, printed=printed)
        else:  # what it says otherwise is not said
            yield Problem(line, "text_expression", "if … else …")
    else:
        yield Problem(line, "text_expression", _said(node))


def _given_more(node: nodes.Filter | nodes.Test) -> bool:
    return bool(node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)


def _said(node: nodes.Node) -> str:
    return str(getattr(node, "name", "")) if isinstance(node, nodes.Filter | nodes.Test) else ""


def _named(path: str, line: int, scope: Scope, *, printed: bool) -> Iterator[Problem]:
    first, _, rest = path.partition(".")
    if first in scope.loop or (first == "loop" and scope.loop):
        source = scope.loop.get(first, "")
        may = ("first", "last") if first == "loop" else scope.known[source].holds if source else ("",)
        if rest not in may:
            yield Problem(line, "text_placeholder", path)
        return
    fact = scope.known.get(path)
    if fact is None:
        yield Problem(line, "text_placeholder", path)
    elif printed and fact.kind not in ("value", "day"):
        yield Problem(line, "text_not_printed", path)
    elif path.startswith("given.") and path.rpartition(".")[0] not in scope.there:
        yield Problem(line, "text_unguarded", path)


def _defined(node: nodes.Test, scope: Scope) -> Iterator[Problem]:
    path = path_of(node.node) or ""
    if not path.startswith("given.") or path not in scope.known:
        yield Problem(node.lineno, "text_placeholder", path or "is defined")


def _comparison(node: nodes.Compare, scope: Scope) -> Iterator[Problem]:
    sides = [node.expr, *(one.expr for one in node.ops)]
    if len(node.ops) != 1 or node.ops[0].op not in ("eq", "ne"):
        yield Problem(node.lineno, "text_expression", " ".join(one.op for one in node.ops))
        return
    for side in sides:
        yield from _expression(side, scope)
    if path_of(node.expr) == "role" and isinstance(sides[1], nodes.Const) and sides[1].value not in set(Role):
        yield Problem(node.lineno, "text_role", str(sides[1].value))


def _certain(test: nodes.Node) -> frozenset[str]:
    """What is there for certain where this holds."""
    if isinstance(test, nodes.And):
        return _certain(test.left) | _certain(test.right)
    if isinstance(test, nodes.Test) and test.name == "defined":
        return frozenset({path_of(test.node) or ""})
    return frozenset()


def used(text: str) -> dict[str, int]:
    """The facts that a text names, each with the first line that does."""
    try:
        tree = _parser().parse(text)
    except (TemplateSyntaxError, RecursionError):
        return {}
    found: dict[str, int] = {}
    inner = {id(one.node) for one in tree.find_all(nodes.Getattr)}
    for node in tree.find_all((nodes.Name, nodes.Getattr)):
        path = path_of(node)
        if path and id(node) not in inner:
            found.setdefault(path, node.lineno)
    return found
