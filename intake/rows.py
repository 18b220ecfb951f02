"""How a state looks: one of six kinds, each with a word and a shape. How a reference in an address is read."""

from schemas.references import normal
from schemas.subjects import Question, Subject

KINDS = {
    "waiting": {"draft", "submitted", "offered", "placing", "agreeing", "scheduled", "on_hold", "redirected", "parked"},
    "act": {"screening", "unclear", "triage", "matching", "delivered"},
    "running": {"underway", "running"},
    "done": {"answered", "completed", "closed"},
    "risk": {"not_usable", "cancelled"},
}


def kind_of(state: str) -> str:
    """waiting, act, running, done, risk, or ended for every other end."""
    return next((kind for kind, states in KINDS.items() if state in states), "ended")


def reference(typed: str) -> str:
    """A reference in an address as we write it. PostgreSQL knows no NUL, so none reaches it."""
    return normal(typed.replace("\x00", ""))


def home(subject: Subject) -> str:
    """Where the page of a question or trajectory is."""
    return f"/{'questions' if isinstance(subject, Question) else 'trajectories'}/{subject.ref}"
