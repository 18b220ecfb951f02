"""Real kinds of question, and the two cities' offerings as matching sees them."""

from datetime import date
from functools import lru_cache
from pathlib import Path

from matching.offerings import QuestionText
from matching.rows import offering_text, term
from matching.terms import OfferingText, Term
from schemas.cities import read_city
from schemas.city_rows import offering_rows, period_rows

ROOT = Path(__file__).parents[2]
TWENTE, KADESTAD = ROOT / "cities" / "twente", ROOT / "tests" / "cities" / "kadestad"
TODAY = date(2026, 11, 24)


@lru_cache
def offerings(folder: Path) -> tuple[OfferingText, ...]:
    """What a city offers today; historical ones left out."""
    return tuple(offering_text(row) for row in offering_rows(read_city(folder)) if row.offered)


@lru_cache
def terms(folder: Path) -> tuple[Term, ...]:
    return tuple(term(row) for row in period_rows(read_city(folder)))


BIKES = QuestionText(
    "Waar kunnen mensen hun fiets kwijt bij het station?",
    "De fietsenstalling bij het station is elke ochtend vol. Fietsen blokkeren de stoep voor voetgangers.",
    "Een voorstel voor betere fietsparkeerplekken in de stationsomgeving.",
    "We nemen het op in het mobiliteitsplan.",
    "nl",
)
RAIN = QuestionText(
    "Hoe houden we de straat droog bij een wolkbreuk?",
    "Na zware buien staat er regenwater in de kelders. De riolering kan het hemelwater niet meer aan.",
    "Welke maatregelen tegen wateroverlast passen in een smalle straat?",
    "Bij de herinrichting van volgend jaar.",
    "nl",
)
LONELY = QuestionText(
    "What helps against loneliness among young people?",
    "Youth workers in our neighbourhoods meet more young people who hardly see anyone. Existing activities miss them.",
    "What do they need, and what can social workers and volunteers do?",
    "We use it for the social policy plan.",
    "en",
)
COUNTER = QuestionText(
    "Waarom is onze website zo moeilijk te begrijpen?",
    "Inwoners bellen omdat zij de teksten op de website niet begrijpen. Onze communicatie bereikt niet elke doelgroep.",
    "Advies over begrijpelijke taal en voorlichting.",
    "De redactie past de teksten aan.",
    "nl",
)
