"""The e-mail around a letter, and the calendar file in it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from typing import Any

import pytest
from hypothesis import given, settings
from icalendar import Calendar

from notifications.calendar import event, trajectory_dates, zone
from notifications.filters import line
from notifications.gallery import LINKS, example
from notifications.letters import Rendered, render
from notifications.message import Attachment, compose
from schemas.ledger import Letter
from tests.notifications.test_letters import NASTY

SENDER = "Stadsvraag <stadsvraag@example.org>"
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
           "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Language"]  # fmt: skip


def owed(name: str = "offer", **facts: Any) -> Letter:
    told = example(name, "nl", "owner") | facts
    return Letter(
        name=name,
        recipient_id=1,
        email="amira@example.org",
        language="nl",
        facts=told,
        message_id="<7.abc@stadsvraag.example.org>",
    )


def sent(message: EmailMessage) -> EmailMessage:
    """As the reader's program reads it."""
    return message_from_bytes(message.as_bytes(), policy=SMTP)


def test_headers_say_that_a_machine_wrote_and_which_question_it_is_about() -> None:
    message = sent(
        compose(owed(), Rendered("Onderwerp é", "tekst\n", "<p>tekst</p>"), SENDER, "Bram <bram@example.org>")
    )
    assert message.keys() == HEADERS
    assert str(message["To"]) == "Amira Bakker <amira@example.org>"
    assert message["Message-ID"] == "<7.abc@stadsvraag.example.org>"
    assert message["References"] == message["In-Reply-To"] == "<question.ES-2026-0001-K@stadsvraag.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert str(message["Subject"]) == "Onderwerp é"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("name", ["offer", "receipt", "meeting-pack", "digest"])
def test_a_letter_is_written_down_as_the_email_package_would(name: str) -> None:
    letter = owed(name)
    message = compose(letter, render(name, "nl", letter.facts, LINKS), SENDER, None)
    assert message.as_bytes() == EmailMessage.as_bytes(message)
    again = EmailMessage(policy=SMTP)
    for key, value in message.items():
        if not key.startswith("Content-"):
            again[key] = value
    assert [*sent(again).items()] == [*sent(message).items()][: len(again.keys())], "and its headers read the same"


def test_one_click_is_offered_over_https_and_only_where_there_is_something_to_switch_off() -> None:
    letter, rendered = owed("taken-on"), Rendered("a", "b", "c")
    url = "https://stadsvraag.example.org/u/" + "WzEsImE1N2M0ODJjIiwidG9sZCJd." * 5
    message = compose(letter, rendered, SENDER, None, off=url)
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in message.as_bytes(), "no encoded word, no break in it"
    assert sent(message)["List-Unsubscribe"].strip() == f"<{url}>"
    assert sent(message)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = sent(compose(letter, rendered, SENDER, None, off=url.replace("https", "http")))
    assert ("List-Unsubscribe" in plain, "List-Unsubscribe-Post" in plain) == (True, False)
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & {*sent(compose(letter, rendered, SENDER, None)).keys()}


def test_the_thread_is_one_per_question_and_none_without() -> None:
    threads = {compose(owed(ref=ref), Rendered("a", "b", "c"), SENDER, None)["References"]
               for ref in ("ES-2026-0001-K", "ES-2026-0001-K.2")}  # fmt: skip
    assert threads == {"<question.ES-2026-0001-K@stadsvraag.example.org>"}
    assert compose(owed(ref=""), Rendered("a", "b", "c"), SENDER, None)["References"] is None


@settings(max_examples=200, deadline=None)
@given(subject=NASTY, name=NASTY, reply=NASTY, ref=NASTY, text=NASTY)
def test_no_fact_becomes_a_header_and_every_line_is_short(
    subject: str, name: str, reply: str, ref: str, text: str
) -> None:
    safe = line(text)
    files = [Attachment(name + ".ics", b"x", "text/calendar", "PUBLISH")]
    letter, answers = owed(recipient=name, ref=ref), formataddr((line(reply), "bram@example.org"))
    message = compose(letter, Rendered(subject, safe + "\n", f"<p>{safe}</p>"), SENDER, answers, files)
    raw, read = message.as_bytes(), sent(message)
    assert raw == EmailMessage.as_bytes(message), "as the email package writes it"
    assert set(read.keys()) <= set(HEADERS)
    assert len(read.keys()) == len(set(read.keys()))
    assert [one.addr_spec for one in read["To"].addresses] == ["amira@example.org"]
    assert " ".join(str(read["Subject"]).split()) == line(subject)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    body = read.get_body(("plain",))
    assert body
    assert body.get_content().strip() == safe


def test_long_lines_travel_in_short_ones_and_arrive_whole() -> None:
    text = "é" * 5000 + "\n.\nFrom hier\n"
    message = compose(owed(), Rendered("a" * 900, text, f"<p>{text}</p>"), SENDER, None)
    assert max(map(len, message.as_bytes().split(b"\r\n"))) <= 998
    assert max(map(len, message.as_bytes().partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78
    body = sent(message).get_body(("plain",))
    assert body
    assert body.get_content().replace("\r\n", "\n") == text


@pytest.mark.parametrize(
    "address", ["", "amira", "amïra@example.org", "a@b@c.org", "a@example.org>\r\nBcc: <x@example.org"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    letter = owed()
    letter.email = address
    with pytest.raises(ValueError, match="no address"):
        compose(letter, Rendered("a", "b", "c"), SENDER, None)


@pytest.mark.parametrize("message_id", ["", "abc", "<a@b>\r\nBcc: x@y", "<a b@c>"])
def test_a_message_id_that_is_none_is_refused(message_id: str) -> None:
    letter = owed()
    letter.message_id = message_id
    with pytest.raises(ValueError, match="no Message-ID"):
        compose(letter, Rendered("a", "b", "c"), SENDER, None)


def calendar_of(name: str, version: int = 0) -> Any:
    facts = example(name, "nl", "owner")
    dates = {"starts_on": "2027-02-01", "ends_on": "2027-04-16", "agreed": True}
    agreed = {"trajectory": facts["trajectory"] | dates, "version": version}
    made = trajectory_dates(name, "nl", facts | agreed, LINKS)
    assert made
    assert made.method == str(Calendar.from_ical(made.content)["METHOD"])
    return Calendar.from_ical(made.content)


def test_the_calendar_file_holds_start_halfway_and_end_and_a_later_one_moves_them() -> None:
    first, later = calendar_of("agreed", 5), calendar_of("kick-off", 7)
    assert first["METHOD"] == "PUBLISH"
    assert [str(one["TZID"]) for one in first.walk("VTIMEZONE")] == ["Europe/Amsterdam"]
    days = [one["DTSTART"].dt.isoformat() for one in first.walk("VEVENT")]
    assert days == ["2027-02-01", "2027-03-10", "2027-04-16"]
    assert [one["UID"] for one in first.walk("VEVENT")] == [one["UID"] for one in later.walk("VEVENT")]
    assert {one["SEQUENCE"] for one in first.walk("VEVENT")} == {5}
    assert {one["SEQUENCE"] for one in later.walk("VEVENT")} == {7}


@pytest.mark.parametrize("name", ["cancelled", "called-off", "stopped"])
def test_dates_that_were_agreed_on_are_taken_out_of_the_calendar(name: str) -> None:
    first, gone = calendar_of("agreed", 5), calendar_of(name, 9)
    assert gone["METHOD"] == "CANCEL"
    assert [one["UID"] for one in first.walk("VEVENT")] == [one["UID"] for one in gone.walk("VEVENT")]
    assert {(str(one["STATUS"]), one["SEQUENCE"]) for one in gone.walk("VEVENT")} == {("CANCELLED", 9)}


def test_a_letter_without_dates_has_no_calendar_file() -> None:
    facts = example("agreed", "nl", "owner")
    without = {"trajectory": {**facts["trajectory"], "agreed": False}}
    assert trajectory_dates("offer", "nl", facts, LINKS) is None
    assert trajectory_dates("cancelled", "nl", facts | without, LINKS) is None, "they were in nobody's calendar"
    assert trajectory_dates("agreed", "nl", facts | {"trajectory": None}, LINKS) is None
    endless = {"trajectory": {**facts["trajectory"], "ends_on": None}}
    assert trajectory_dates("agreed", "nl", facts | endless, LINKS) is None


def test_a_city_elsewhere_has_its_own_time_zone() -> None:
    moment = datetime(2027, 1, 12, 13, tzinfo=UTC)
    entry: Any = event("a@stadsvraag", moment, moment, "Kennismaking", timezone="Europe/Helsinki")
    assert (entry["DTSTART"].params["TZID"], entry["DTSTART"].dt.hour) == ("Europe/Helsinki", 15)
    facts = example("agreed", "nl", "owner")
    facts |= {"trajectory": facts["trajectory"] | {"agreed": True}, "timezone": "Europe/Helsinki"}
    made = trajectory_dates("agreed", "nl", facts, LINKS)
    assert made
    assert b"TZID:Europe/Helsinki" in made.content


@pytest.mark.parametrize(("utc_hour", "day", "wall"), [(8, 27, "09:00"), (8, 29, "10:00")])
def test_an_hour_stays_the_same_on_the_clock_when_summer_time_begins(utc_hour: int, day: int, wall: str) -> None:
    moment = datetime(2027, 3, day, utc_hour, tzinfo=UTC)
    entry: Any = event("kennismaking@stadsvraag", moment, moment, "Kennismaking")
    assert entry["DTSTART"].params["TZID"] == "Europe/Amsterdam"
    assert entry["DTSTART"].dt.strftime("%H:%M") == wall
    rules = zone(moment.date(), moment.date()).to_tz()
    assert moment.astimezone(rules).strftime("%H:%M") == wall


def test_the_calendar_file_goes_with_the_letter() -> None:
    facts = example("agreed", "nl", "owner")
    made = trajectory_dates("agreed", "nl", facts, LINKS)
    assert made
    files = [made]
    message = sent(compose(owed("agreed"), render("agreed", "nl", facts, LINKS), SENDER, None, files))
    (file,) = message.iter_attachments()
    assert file["Content-Type"].params["method"] == "PUBLISH"
    assert file.get_filename() == "stadsvraag.ics"
    assert file.get_payload(decode=True) == made.content
