"""The form of a new question: four pages of needs. The same rows serve the pages, the API and the import."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, Need, check, model_of

PAGES: tuple[Mapping[str, Need], ...] = (
    {
        "title": Need("line", max=150),
        "situation": Need("text", max=3000),
        "wanted": Need("text", max=2000),
        "use": Need("text", max=2000),
    },
    {
        "submitter_name": Need("line"),
        "submitter_email": Need("email"),
        "city": Need("pick", source="cities"),
        "department": Need("line", source="departments"),
        "owner_is_me": Need("choice", ("yes", "no")),
        "owner_name": Need("line"),
        "owner_email": Need("email"),
        "deputy_name": Need("line"),
        "deputy_email": Need("email"),
        "manager_agrees": Need("choice", ("yes", "no")),
        "manager_name": Need("line"),
        "manager_email": Need("email"),
    },
    {
        "challenge": Need("pick", source="challenges"),
        "needed_by": Need("date", source="future"),
        "time_available": Need("suggest", ("few_meetings", "hour_a_week", "co_creation")),
        "confidential": Need("choice", ("no", "yes", "unsure")),
        "language": Need("choice", ("nl", "en")),
    },
    {
        "known": Need("text", max=3000),
        "product": Need("suggest", ("advice", "report", "design", "prototype", "data", "evaluation", "open")),
        "place": Need("line"),
        "links": Need("urls", max=10),
    },
)
FIELDS: Mapping[str, Need] = {name: need for page in PAGES for name, need in page.items()}
OPTIONAL = frozenset({"needed_by", "known", "product", "place", "links", "owner_name", "owner_email",
                      "manager_name", "manager_email"})  # fmt: skip
REQUIRED = frozenset(FIELDS) - OPTIONAL

_WHOLE = model_of(FIELDS, REQUIRED, "QuestionForm")
_PAGES = tuple(model_of(page, REQUIRED & page.keys(), f"QuestionPage{n}") for n, page in enumerate(PAGES, start=1))


def check_page(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """One page (1 to 4) as JSON values. Raises FaultyNeeds with every fault of the page."""
    return _with_owner(given, lambda: check(_PAGES[number - 1], given), "owner_is_me" in PAGES[number - 1])


def check_form(given: Mapping[str, Any]) -> dict[str, Any]:
    """The whole form as JSON values; the owner's name and address filled in when the submitter is the owner."""
    clean = _with_owner(given, lambda: check(_WHOLE, given), True)
    if clean["owner_is_me"] == "yes":
        clean |= {"owner_name": clean["submitter_name"], "owner_email": clean["submitter_email"]}
    return clean


def _with_owner(given: Mapping[str, Any], run: Any, asked: bool) -> dict[str, Any]:
    faults: list[Fault] = []
    clean: dict[str, Any] = {}
    try:
        clean = run()
    except FaultyNeeds as error:
        faults = error.faults
    if asked and given.get("owner_is_me") == "no":
        known = {fault.field for fault in faults}
        faults += [Fault(name, "missing") for name in ("owner_name", "owner_email")
                   if not str(given.get(name) or "").strip() and name not in known]  # fmt: skip
    deputy = str(given.get("deputy_email") or "").strip().lower()
    owner = given.get("submitter_email" if given.get("owner_is_me") == "yes" else "owner_email")
    if asked and deputy and deputy == str(owner or "").strip().lower():
        faults.append(Fault("deputy_email", "same_as_owner"))
    named = [name for name in ("manager_name", "manager_email") if str(given.get(name) or "").strip()]
    if asked and len(named) == 1 and not any(fault.field.startswith("manager_") for fault in faults):
        faults.append(Fault("manager_email" if named == ["manager_name"] else "manager_name", "missing"))
    if _gone_by(clean.get("needed_by")):
        faults.append(Fault("needed_by", "not_in_future"))
    if faults:
        raise FaultyNeeds(faults)
    return clean


def _gone_by(day: str | None) -> bool:
    return day is not None and date.fromisoformat(day) <= now().date()
