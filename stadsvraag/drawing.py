"""The process as a picture, drawn from the table itself."""

from collections import defaultdict

from schemas.process import MACHINES
from schemas.rules import BACK, Machine

# From everywhere, so that arrows for them would hide the others; they stand in a sentence below.
LEFT_OUT = ("remind", "discard", "withdraw", "reopen", "stop")
EVERYWHERE = (
    "Not drawn: *withdraw*, from every open state of a question (its open trajectories then *stop*); *reopen*, from "
    "every end of a question to triage; steps that change no state, such as *vote* or *change owner*; and reminders."
)


def drawing() -> str:
    """Both machines as Mermaid state diagrams, in the fences that a README needs."""
    return "\n\n".join([*(_machine(machine) for machine in MACHINES.values()), EVERYWHERE])


def _machine(machine: Machine) -> str:
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, step in machine.steps.items():
        for before, after in step.moves.items():
            if before != after and after != BACK and name not in LEFT_OUT:
                arrows[before, after].append(name.replace("_", " "))
    lines = [
        f"    {_state(before)} --> {_state(after)}: {', '.join(names)}" for (before, after), names in arrows.items()
    ]
    lines += [f"    {_state(end)} --> [*]" for end in sorted(machine.ends) if end not in {"discarded"}]
    return "```mermaid\nstateDiagram-v2\n    direction LR\n" + "\n".join(lines) + "\n```"


def _state(name: str) -> str:
    return "[*]" if name.startswith("@") else name
