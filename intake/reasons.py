"""Why an offering fits, and what can still be reached of it, in words."""

from collections.abc import Mapping
from typing import Any

from babel import Locale

from intake.language import short_day, speaking, translate
from matching.disciplines import vocabulary
from matching.offerings import Match, Reason
from matching.reach import FULL, HANDED_IN_LATE, IN_TIME, NEVER, RESULT_LATE, Reach
from schemas.words import choice_label, word

TAUGHT = ("taken_before", "declined_before", "preferred_before", "passed_before", "preferred")
OF_REACH = (IN_TIME, RESULT_LATE, FULL, HANDED_IN_LATE, NEVER)


def why(match: Match, language: str, names: Mapping[str, str], staff: bool) -> list[str]:
    """The reasons in words; who is no staff reads nothing about other questions. Never empty."""
    kept = [one for one in match.reasons if one[0] not in OF_REACH and (staff or one[0] not in TAUGHT)]
    return [_said(one, language, names) for one in kept] or [word(language, "fit.school")]


def _said(reason: Reason, language: str, names: Mapping[str, str]) -> str:
    code, about = reason
    values = list(about)
    if code == "discipline":
        values = [str(vocabulary()[name]["nl" if language == "nl" else "en"]) for name in about[:2]]
    elif code == "route":
        values = [choice_label(language, "route", name).lower() for name in about]
    elif code == "wish":
        values = [_wish(language, name) for name in about]
    elif code == "other_language":
        values = [str(Locale.parse(language).languages.get(name, name)) for name in about]
    elif code == "joint":
        values = [names.get(name, name) for name in about]
    return f"{word(language, f'fit.{code}')} {', '.join(values)}".strip()


def _wish(language: str, name: str) -> str:
    labels = [choice_label(language, need, name) for need in ("product", "time_available")]
    return next((label for label in labels if label != name), name).lower()


def reach_in_words(reach: Reach, language: str) -> dict[str, Any]:
    """What can still be reached: `in_time`, the days, and one sentence that says it all."""
    edition = reach.edition
    facts = {
        "in_time": reach.in_time, "reach": reach.why,
        "hand_in_by": edition.hand_in_by if edition else None,
        "starts_on": edition.starts_on if edition else None,
        "result_by": edition.ends_on if edition else None,
    }  # fmt: skip
    with speaking(language):
        return facts | {"sentence": _sentence(reach)}


def _sentence(reach: Reach) -> str:
    _, edition = translate, reach.edition
    if edition is None:
        past = _("The last day to hand in has passed; no later term is known yet.")
        return past if reach.why == HANDED_IN_LATE else _("No term is known yet.")
    shown = {"by": edition.hand_in_by, "start": edition.starts_on, "result": edition.ends_on}
    days = {name: short_day(value) for name, value in shown.items()}
    if reach.why == RESULT_LATE:
        return _("Too late for you: the first result can be there on %(result)s.") % days
    if reach.why == FULL:
        return _("No seats left in the terms that are known.")
    said = _("Hand in by %(by)s. Starts %(start)s, result about %(result)s.") % days
    if reach.then:
        said += " " + _("Otherwise: hand in by %(by)s.") % {"by": short_day(reach.then.hand_in_by)}
    return said
