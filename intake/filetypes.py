"""What a file is, by its content: one of the kinds that we take, or why we do not take it."""

from collections.abc import Mapping
from typing import BinaryIO

import puremagic

from intake.filenames import parts
from intake.packed import ODF, OOXML, packed_kind, refuse

KINDS: Mapping[str, tuple[str, ...]] = {  # media type → extensions, the usual one first
    "application/pdf": (".pdf",),
    f"{OOXML}wordprocessingml.document": (".docx",),
    f"{OOXML}spreadsheetml.sheet": (".xlsx",),
    f"{OOXML}presentationml.presentation": (".pptx",),
    f"{ODF}text": (".odt",),
    f"{ODF}spreadsheet": (".ods",),
    f"{ODF}presentation": (".odp",),
    "text/csv": (".csv",),
    "text/plain": (".txt",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
}
ACCEPTED = ",".join(one for several in KINDS.values() for one in several)
# By what one sees that a file has been cut off. Behind a picture of a telephone there may be a film: no rule there.
ENDS: Mapping[str, bytes] = {"application/pdf": b"%%EOF", "image/png": b"IEND", "image/jpeg": b""}
HEAD, TAIL = 64 * 1024, 4 * 1024
TEXT_SIGNS = {*range(32, 256), 9, 10, 12, 13}


def check_content(content: BinaryIO, size: int, name: str) -> str:
    """The media type of a file. Raises FaultyNeeds: empty, not ours, broken, with macros, or not what its name says."""
    if not size:
        raise refuse("files", "file_empty")
    found = _kind(content, size, name)
    if parts(name)[1].lower() not in KINDS[found]:
        raise refuse("files", "file_extension", KINDS[found][0])
    return found


def _kind(content: BinaryIO, size: int, name: str) -> str:
    content.seek(0)
    head = content.read(HEAD)
    try:
        signs = {one.mime_type for one in puremagic.magic_string(head)}
    except puremagic.PureError:
        signs = set()
    plain = next((kind for kind in ENDS if kind in signs), None)
    if plain:
        content.seek(max(0, size - TAIL))
        if ENDS[plain] not in content.read(TAIL):
            raise refuse("files", "file_broken")
        return plain
    if head[:4] == b"PK\x03\x04":
        return packed_kind(content, size)
    if not signs or parts(name)[1].lower() in (".txt", ".csv"):
        return _text(content, name)
    raise refuse("files", "file_kind")


def _text(content: BinaryIO, name: str) -> str:
    content.seek(0)
    while piece := content.read(HEAD):
        if not TEXT_SIGNS.issuperset(piece):
            raise refuse("files", "file_kind")
    return "text/csv" if parts(name)[1].lower() == ".csv" else "text/plain"
