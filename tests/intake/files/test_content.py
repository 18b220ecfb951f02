"""What a file is stands in its content; its name is cleaned and has to fit."""

import unicodedata
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.filenames import LONGEST, clean_name, disposition, parts
from intake.filetypes import KINDS, check_content
from schemas.needs import FaultyNeeds, storable
from tests.intake.files.making import BAD, GOOD, pdf

NASTY = st.text(
    st.one_of(st.sampled_from('/\\.\u202e\u2066\u200b\r\n\t\x00<>:"|?* aé😀é\ud800'), st.characters()), max_size=300
)


@pytest.mark.parametrize("name", GOOD)
def test_every_kind_that_we_say_we_take_is_taken(name: str) -> None:
    kind = check_content(BytesIO(GOOD[name]), len(GOOD[name]), name)
    assert parts(name)[1].lower() in KINDS[kind]


def test_no_kind_goes_untested() -> None:
    assert {check_content(BytesIO(one), len(one), name) for name, one in GOOD.items()} == set(KINDS)


@pytest.mark.parametrize(("name", "code"), BAD)
def test_what_we_do_not_take_is_refused_with_its_reason(name: str, code: str) -> None:
    content = BAD[name, code]
    with pytest.raises(FaultyNeeds) as refused:
        check_content(BytesIO(content), len(content), name)
    assert [fault.code for fault in refused.value.faults] == [code]


def test_a_wrong_extension_names_the_right_one() -> None:
    with pytest.raises(FaultyNeeds) as refused:
        check_content(BytesIO(pdf()), len(pdf()), "rapport.docx")
    assert refused.value.faults[0].limit == ".pdf"


@given(NASTY)
def test_a_clean_name_is_one_harmless_line(given_name: str) -> None:
    name = clean_name(given_name)
    assert 0 < len(name) <= LONGEST
    assert clean_name(name) == name
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(sign)[0] != "C" for sign in name)
    assert name == " ".join(name.split()).strip(" .")
    assert storable(name)
    header = disposition(name)
    assert header.startswith("attachment; ")
    header.encode("latin-1")
    assert not set(header) & {"\r", "\n"}


@given(st.text(st.sampled_from("abc é-_"), min_size=1, max_size=300), st.sampled_from([".pdf", ".docx", ".JPG"]))
def test_the_extension_survives(stem: str, extension: str) -> None:
    assert clean_name(f"x{stem}x{extension}").endswith(extension)


@pytest.mark.parametrize(
    ("given_name", "clean"),
    [
        ("C:\\Users\\Amira\\rapport.pdf", "rapport.pdf"), ("../../etc/passwd", "passwd"), ("...", "file"),
        ("fiets\u202efdp.exe", "fietsfdp.exe"), ("CON.pdf", "_CON.pdf"), (" .verborgen.txt", "verborgen.txt"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
    ],
)  # fmt: skip
def test_known_tricks(given_name: str, clean: str) -> None:
    assert clean_name(given_name) == clean
