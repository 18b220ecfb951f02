"""What came in is sorted for what it is: a corpus of real shapes."""

import pytest

from notifications.quotation import apart
from notifications.sorting import LARGEST, Sorted, sort
from schemas.received import Kind
from tests.notifications.arrived import ID, NAMES, OURS, TO, arrived

KINDS = {
    "postfix-bounce": Kind.BOUNCE, "exchange-ndr": Kind.BOUNCE, "gmail-bounce": Kind.BOUNCE,
    "qmail-bounce": Kind.BOUNCE,
    "postfix-delayed": Kind.REPORT, "outlook-reply-nl": Kind.REPLY, "gmail-reply-nl": Kind.REPLY,
    "between-the-lines": Kind.REPLY, "html-only": Kind.REPLY, "outlook-away-nl": Kind.AUTOMATIC,
    "outlook-away-en": Kind.AUTOMATIC, "gmail-vacation": Kind.AUTOMATIC, "mailing-list": Kind.AUTOMATIC,
    "read-receipt": Kind.AUTOMATIC, "our-own-letter": Kind.LOOP, "forged-two-senders": Kind.REPLY,
    "no-message-id": Kind.REPLY, "words-of-a-bounce": Kind.REPLY,
}  # fmt: skip


def sorted_(name: str) -> Sorted:
    return sort(arrived(name), OURS)


def test_every_message_of_the_corpus_is_sorted_for_what_it_is() -> None:
    assert {name: sorted_(name).kind for name in NAMES} == KINDS


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind in (Kind.BOUNCE, Kind.REPORT)])
def test_a_report_names_the_letter_first_and_says_why_in_the_servers_words(name: str) -> None:
    found = sorted_(name)
    assert found.about[0] == ID
    assert found.failed == ({TO} if found.kind == Kind.BOUNCE else set())
    words = {"postfix-delayed": "Connection timed out", "exchange-ndr": "RecipientNotFound",
             "gmail-bounce": "NoSuchUser",
             "postfix-bounce": "User unknown (mail.example.com)", "qmail-bounce": "no mailbox here"}  # fmt: skip
    assert words[name] in found.text


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind not in (Kind.LOOP,)])
def test_what_answers_a_letter_names_it_first(name: str) -> None:
    assert sorted_(name).about[:1] == (ID,)


def test_own_words_are_told_apart_from_earlier_mail() -> None:
    outlook, gmail = sorted_("outlook-reply-nl"), sorted_("gmail-reply-nl")
    assert outlook.text.startswith("Dag Bram,\n\nDe school begint op maandag, na café De Brug")
    assert outlook.text.endswith("Met vriendelijke groet,\nAmira Bakker")
    assert "Verzonden:" in outlook.quoted
    assert gmail.text == "Ja, dat klopt: 31 leerlingen. Groet, Amira"
    assert gmail.quoted.startswith("Op di 24 nov 2026")
    assert gmail.quoted.endswith("> Je vraag is binnen.\n>")


def test_answers_between_the_lines_keep_what_they_answer() -> None:
    found = sorted_("between-the-lines")
    assert "> Hoeveel leerlingen zijn het?\n> Graag een getal.\nHonderd en drie." in found.text
    assert found.text.endswith("De Wesselerbrink.")
    assert found.quoted == "> Groet,\n> Bram"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Goed.\n\nOn Tue, Nov 24, 2026 at 10:00 AM A <a@b.nl> wrote:\n\n> Dag", "Goed."),
        ("Goed.\n\nFrom: A <a@b.nl>\nSent: Tuesday\nTo: B\nSubject: C\n\nDag", "Goed."),
        ("Goed.\n\n-----Oorspronkelijk bericht-----\nVan: A\n\nDag", "Goed."),
        ("Gut.\n\nAm Di., 24. Nov. 2026 um 10:00 schrieb A <a@b.nl>:\n\n> Dag", "Gut."),
        ("Goed.\n\n> Op 24 nov 2026 heeft A <a@b.nl> het volgende geschreven:\n> \n> Dag", "Goed."),
        ("Van: maandag\nTot: vrijdag\nben ik er.", "Van: maandag\nTot: vrijdag\nben ik er."),
        ("Op maandag 7 december kan ik:\nom drie uur.", "Op maandag 7 december kan ik:\nom drie uur."),
        ("> alleen\n> aangehaald", "> alleen\n> aangehaald"),
        ("", ""),
    ],
)
def test_where_earlier_mail_begins(text: str, own: str) -> None:
    assert apart(text)[0] == own


def test_a_page_becomes_lines_and_nothing_in_it_is_run_or_fetched() -> None:
    found = sorted_("html-only")
    assert found.text == "Eerste <b>regel</b> & meer.\n\nTweede\nregel klik hier\n\n- een\n\n- twee"
    assert found.subject == "Re: [ES-2026-0001-K] café"
    assert found.name == "Bakker, Amira"


def test_files_are_named_and_not_kept() -> None:
    found = sorted_("outlook-reply-nl")
    assert [one["name"] for one in found.files] == ["plattegrond.pdf"]
    assert "JVBERi0" not in found.text + found.quoted


def test_a_message_with_two_senders_has_no_sender() -> None:
    assert sorted_("forged-two-senders").email == ""
    assert sort(b"From: a@example.org, b@example.org\n\nx", OURS).email == ""


def test_references_of_questions_are_found_where_their_check_character_fits() -> None:
    assert sort(b"From: a@b.nl\nSubject: over ES-2026-0001-K\n\nx").refs == ()
    assert sort(b"From: a@b.nl\nSubject: over ES-2026-0001-2\n\nx").refs in ((), ("ES-2026-0001-2",))


def test_the_same_message_by_two_ways_is_one_and_a_forged_one_with_its_id_is_another() -> None:
    once = arrived("gmail-reply-nl")
    again = b"Received: by another way\r\n" + once
    forged = once.replace(b"31 leerlingen", b"99 leerlingen")
    assert sort(once).digest == sort(again).digest != sort(forged).digest
    assert sort(arrived("no-message-id")).digest != sort(arrived("no-message-id") + b"\r\nmeer").digest


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "bestaat-niet", "punycode", "utf-16", ""])
def test_eight_bits_and_a_wrong_character_set_stay_readable(charset: str) -> None:
    head = "From: Zoë <a@example.org>\nSubject: café ☕\nContent-Type: text/plain" + (
        charset and f"; charset={charset}"
    )
    for encoding in ("utf-8", "cp1252"):
        found = sort(head.encode() + b"\nContent-Transfer-Encoding: 8bit\n\n" + "Eén café.".encode(encoding))
        assert (found.kind, found.subject, found.name) == (Kind.REPLY, "café ☕", "Zoë")
        assert charset == "utf-16" or "caf" in found.text
    assert sort(head.encode() + b"\n\n" + "Eén café.".encode()).text == "Eén café." or charset == "utf-16"


def test_signs_that_deceive_are_left_out() -> None:
    found = sort("From: a@example.org\nSubject: x\u202egpj.exe\n\nregel\x00 een\x1b[31m\u2066twee\ud7ff".encode())
    assert (found.subject, found.text) == ("xgpj.exe", "regel een[31mtwee\ud7ff")


def large() -> bytes:
    """Twenty megabytes: a text, and a film behind it."""
    head = b"From: a@example.org\nMessage-ID: <groot@example.org>\nContent-Type: multipart/mixed; boundary=B\n\n--B\n"
    film = b"--B\nContent-Type: video/mp4; name=film.mp4\nContent-Transfer-Encoding: base64\n\n" + b"QUJD" * 18 + b"\n"
    return head + b"Content-Type: text/plain\n\nZie de film.\n" + film + (b"QUJD" * 18 + b"\n") * 280_000 + b"--B--\n"


def test_of_twenty_megabytes_the_beginning_is_read() -> None:
    whole = large()
    assert len(whole) > 20_000_000
    found = sort(whole[:LARGEST], size=len(whole))
    assert (found.kind, found.text, found.cut) == (Kind.REPLY, "Zie de film.", True)
    assert [one["name"] for one in found.files] == ["film.mp4"]
