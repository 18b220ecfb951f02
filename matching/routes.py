"""Which kinds of offering suit what was decided on for a question, and what its owner wishes."""

from collections.abc import Mapping

from matching.terms import OfferingText

ROUTES: Mapping[str, tuple[str, ...]] = {
    "programme": ("programme", "course"), "minor": ("minor",), "challenge": ("challenge", "lab"),
    "thesis": ("thesis", "graduation", "bachelor assignment"), "internship": ("internship", "placement"),
    "research": ("research",),
}  # fmt: skip
# What kinds of offering suit the product that is wanted, and the time that an owner has.
WISHES: Mapping[str, tuple[str, ...]] = {
    "co_creation": ("minor", "lab", "challenge"), "few_meetings": ("programme", "course", "thesis", "research"),
    "hour_a_week": ("programme", "course", "minor", "internship", "thesis"),
    "report": ("thesis", "research", "internship"), "evaluation": ("thesis", "research", "internship"),
    "design": ("minor", "lab", "challenge"), "prototype": ("minor", "lab", "challenge"),
}  # fmt: skip


def on_route(offering: OfferingText, route: str) -> bool:
    """Whether an offering is of the kind that was decided on, by what it is or by the forms that it offers."""
    return any(kind == offering.kind or kind in offering.form.lower() for kind in ROUTES.get(route, ()))
