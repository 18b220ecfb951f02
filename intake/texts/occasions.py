"""When a letter goes out and to whom: what the table of the process says, in people's words."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from intake.language import speaking, translate
from notifications.facts import ABOUT_MEETING, WITHOUT_CASE
from notifications.gallery import BESIDE, example, links, roles
from notifications.letters import editable, render
from schemas.process import MACHINES, TRAJECTORY
from schemas.words import word

SECTIONS = ("question", "trajectory", "meeting", "other")


@lru_cache
def title_of(name: str, language: str) -> str:
    """The subject of the release's text, as its name on our pages."""
    role = roles(name)[0]
    subject = render(name, language, example(name, language, role), links(name)).subject
    return subject.partition("] ")[2] or subject


def section_of(name: str) -> str:
    """Under which heading a letter stands."""
    if name in ABOUT_MEETING:
        return "meeting"
    if name in WITHOUT_CASE or name in BESIDE:
        return "other"
    return "trajectory" if name in TRAJECTORY.letters() else "question"


def by_section(language: str) -> dict[str, list[str]]:
    """All letters, by heading, in the order of their titles."""
    found: dict[str, list[str]] = {section: [] for section in SECTIONS}
    for name in sorted(editable(), key=lambda name: title_of(name, language)):
        found[section_of(name)].append(name)
    return found


@lru_cache
def occasions(name: str, language: str) -> tuple[Mapping[str, object], ...]:
    """Each occasion on which a letter goes out: `when` in words, `to` whom."""
    with speaking(language):
        _ = translate
        if name in _outside():
            return ({"when": _outside()[name], "to": [word(language, f"roles.{one}") for one in roles(name) if one]},)
        found: dict[str, dict[str, None]] = {}
        for when, to in _told(name, language):
            found.setdefault(when, {}).update(dict.fromkeys(to))
        return tuple({"when": when, "to": list(to)} for when, to in found.items())


def _told(name: str, language: str) -> Iterator[tuple[str, list[str]]]:
    _ = translate
    for machine in MACHINES.values():
        for step_name, step in machine.steps.items():
            for tell in (one for one in step.tell if one.letter == name):
                yield (
                    _("After the step “%(step)s”") % {"step": word(language, f"steps.{step_name}.label")},
                    [word(language, f"roles.{role}") for role in tell.to],
                )
        for state_name, state in machine.states.items():
            said = {"state": word(language, f"states.{state_name}.label")}
            for tell in (one for one in state.tell if one.letter == name):
                yield (
                    _("As soon as the state is: %(state)s") % said,
                    [word(language, f"roles.{one}") for one in tell.to],
                )
            for due in (one for one in state.due if one.tell and one.tell.letter == name):
                to = due.tell.to if due.tell else ()
                yield (_("When a term has passed in the state: %(state)s") % said,
                       [word(language, f"roles.{one}") for one in to])  # fmt: skip


def _outside() -> Mapping[str, str]:
    """Letters that the process does not send."""
    _ = translate
    return {
        "sign-in": _("When somebody asks for a link to sign in"),
        "invited": _("When somebody gets a role"),
        "new-link": _("When somebody asks for a new link because theirs has ended"),
        "resume-draft": _("When somebody keeps a question to go on with later"),
        "mentioned": _("When somebody is mentioned in a note"),
        "meeting-planned": _("When a meeting is planned"),
        "meeting-moved": _("When a meeting is moved"),
        "meeting-cancelled": _("When a meeting is cancelled"),
        "meeting-pack": _("When the papers of a meeting are ready"),
        "decision-list": _("When a meeting has been closed"),
    }
