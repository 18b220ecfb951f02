"""One question's whole life, by its people, each in their own window: from the form to a public result."""

from tests.intake.browser.conftest import Open
from tests.intake.browser.site import Site
from tests.intake.browser.walking import ask, fill, press, take
from tests.lives import forms

SCORES = {f"scores.{name}": "3" for name in ("relevance", "learning", "openness", "feasibility", "use")}
AGREEMENT = {
    "scope": "Tellen en vragen.", "product": "Een advies", "contacts": "Start en einde", "ip": "shared",
    "confidentiality": "open", "privacy": "no_personal_data", "costs": "Geen", "publishing": "full",
}  # fmt: skip
COMMITTEE = ("eva.jansen", "lars.dijkstra", "mona.haverkamp", "niels.brouwer")


def test_from_the_form_to_a_public_result(site: Site, open_as: Open) -> None:
    owner = open_as("amira.bakker")
    ref = ask(owner, forms()["stalling"] | {"title": "Wie veegt de stoep voor de winkel?"})
    coordinator = open_as("bram.de.boer")
    coordinator.goto("/desk")
    coordinator.get_by_role("link", name="Wie veegt de stoep voor de winkel?").first.click()
    take(coordinator, "put_forward", SCORES | {"advice": "accept"})
    for member in COMMITTEE:
        window = open_as(language="en")
        window.goto(site.mailed("please-decide", member))
        window.locator("main a[href$='/steps/vote']").first.click()
        fill(window, {"vote": "accept"})
        press(window)
    coordinator.goto(f"/questions/{ref}")
    coordinator.locator("main a[href$='/steps/offer']").first.click()
    fill(coordinator, {"institution": "ut", "message": "Past dit bij jullie?"})
    coordinator.locator("button[name=preview]").click()
    coordinator.locator(".sv-letter").nth(1).wait_for()  # both brokers get one
    press(coordinator)
    phone = open_as(width=390)
    phone.goto(site.mailed("offer", "femke.smit"))
    take(phone, "take_on", {"note": "Graag."})
    phone.goto(site.mailed("offer", "quinten.maas"))
    assert not phone.locator("main a[href$='/steps/take_on']").count()
    _course(site, open_as, ref)
    visitor = open_as(language="en")
    visitor.goto("/results")
    visitor.get_by_role("link", name="Wie veegt de stoep voor de winkel?").click()
    assert "Vegen helpt." in visitor.locator("main").inner_text()


def _course(site: Site, open_as: Open, ref: str) -> None:
    """What happens at the institution, and its result."""
    attempt = f"/trajectories/{ref}.1"
    broker, owner, lecturer = open_as("femke.smit"), open_as("amira.bakker"), open_as("chen.li")
    broker.goto(attempt)
    term = site.ask("SELECT id FROM period WHERE institution_id = 'ut' AND code = '2A' ORDER BY id DESC")[0][0]
    take(broker, "place", {"offering": "ut-designlab", "term": str(term), "lecturer_name": "Chen Li",
                           "lecturer_email": "chen.li@example.org"})  # fmt: skip
    owner.goto(attempt)
    take(owner, "agree", AGREEMENT)
    lecturer.goto(attempt)
    take(lecturer, "agree")
    take(lecturer, "start", {"students_expected": "4"})
    take(lecturer, "report_midterm", {"progress": "on_track"})
    take(lecturer, "deliver", {"summary": "Vegen helpt.", "students_wo": "4"})
    owner.goto(f"/questions/{ref}")
    take(
        owner,
        "accept_result",
        {"intended_use": "De straat wordt geveegd.", "useful": "5", "contact_good": "5", "again": "yes"},
    )
    take(owner, "clear", {"clearance": "ok"})
    lecturer.goto(attempt)
    take(lecturer, "clear", {"clearance": "ok"})


def test_signing_in_by_mail(site: Site, open_as: Open) -> None:
    page = open_as()
    page.goto("/desk")
    page.locator("#email").fill("marloes.dekker@example.org")
    press(page)
    page.goto(site.sign_in_link())
    press(page)
    assert page.url.endswith("/desk")
    assert "Marloes" in page.locator("h1").inner_text()
    page.goto(site.sign_in_link())
    assert page.locator("a[href='/sign-in']").count()
