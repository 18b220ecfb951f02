"""Which offerings are of the kind that was decided on for a question."""

from collections.abc import Mapping

from matching.terms import OfferingText

ROUTES: Mapping[str, tuple[str, ...]] = {
    "programme": ("programme", "course"), "minor": ("minor",), "challenge": ("challenge", "lab"),
    "thesis": ("thesis", "graduation", "bachelor assignment"), "internship": ("internship", "placement"),
    "research": ("research",),
}  # fmt: skip


def on_route(offering: OfferingText, route: str) -> bool:
    """Whether an offering is of the kind that was decided on, by what it is or by the forms that it offers."""
    return any(kind == offering.kind or kind in offering.form.lower() for kind in ROUTES.get(route, ()))
