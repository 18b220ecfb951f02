"""The direction that the city's rule advises for a question, in words."""

from intake.language import speaking, translate
from matching.disciplines import disciplines_of, vocabulary
from matching.routing import RULE, advised
from matching.rows import question_text
from schemas.case import Case
from schemas.words import choice_label


def advice_of(case: Case) -> tuple[str, list[str]]:
    """The route and the disciplines behind it."""
    text = question_text(case.question)
    return advised(disciplines_of(text.title, text.body), case.cooperation.data.get("routing") or RULE)


def advice_in_words(case: Case, language: str) -> str:
    """One sentence; empty when the text says nothing."""
    _, (route, about) = translate, advice_of(case)
    if not route:
        return ""
    names = [str(vocabulary()[name]["nl" if language == "nl" else "en"]) for name in about]
    with speaking(language):
        said = _("The rule advises: %(route)s. The question is about %(disciplines)s.")
        return said % {"route": choice_label(language, "route", route).lower(), "disciplines": ", ".join(names)}
