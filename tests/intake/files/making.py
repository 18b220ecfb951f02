"""Really made files: small, valid, and some that are not what they seem."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

OOXML = "application/vnd.openxmlformats-officedocument."
PARTS = {"docx": ("wordprocessingml.document", "word/document.xml"), "xlsx": ("spreadsheetml.sheet", "xl/workbook.xml"),
         "pptx": ("presentationml.presentation", "ppt/presentation.xml")}  # fmt: skip
ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def packed(parts: dict[str, bytes], *, first: str = "") -> bytes:
    """A zip with these parts; `first` is stored and not deflated, as OpenDocument wants its media type."""
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content, ZIP_STORED if name == first else ZIP_DEFLATED)
    return kept.getvalue()


def office(kind: str, **more: bytes) -> bytes:
    """A Word, Excel or PowerPoint file; `more` adds parts."""
    about, main = PARTS[kind]
    types = f'<Types xmlns="urn:t"><Override PartName="/{main}" ContentType="{OOXML}{about}.main+xml"/></Types>'
    parts = {"[Content_Types].xml": types.encode(), "_rels/.rels": b"<Relationships/>", main: b"<main>Fiets</main>"}
    return packed(parts | {name.replace("__", "/").replace("_bin", ".bin"): content for name, content in more.items()})


def open_document(kind: str, **more: bytes) -> bytes:
    """An OpenDocument file."""
    parts = {"mimetype": f"application/vnd.oasis.opendocument.{ODF[kind]}".encode(), "content.xml": b"<office/>",
             "META-INF/manifest.xml": b"<manifest/>"}  # fmt: skip
    return packed(parts | {name.replace("__", "/"): content for name, content in more.items()}, first="mimetype")


def pdf(text: str = "Fietsen") -> bytes:
    """One page with a line of text."""
    drawn = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    made, places = b"%PDF-1.4\n", []
    for n, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (n, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return made + head + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(made)


def png(side: int = 8) -> bytes:
    """A black square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\0" * side for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    """Enough of one to be told by."""
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\xff\xdb" + bytes(60) + b"\xff\xd9"
    )


GOOD = {
    "rapport.pdf": pdf(), **{f"stuk.{kind}": office(kind) for kind in PARTS},
    **{f"open.{kind}": open_document(kind) for kind in ODF}, "kaart.png": png(), "foto.JPG": jpeg(),
    "foto.jpeg": jpeg(),
    "tellingen.csv": "straat;fietsen\nMarkt;12\n".encode("cp1252"), "lees mij.txt": "Café, één regel.\n".encode(),
}  # fmt: skip
BAD = {
    ("leeg.pdf", "file_empty"): b"",
    ("half.pdf", "file_broken"): pdf()[:200],
    ("half.docx", "file_broken"): office("docx")[:-60],
    ("half.png", "file_broken"): png()[:-12],
    ("programma.pdf", "file_kind"): b"MZ" + bytes(range(256)) * 4,
    ("oud.doc", "file_kind"): b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    ("plaatje.gif", "file_kind"): b"GIF89a" + bytes(40),
    ("archief.zip", "file_kind"): packed({"a.txt": b"a"}),
    ("kaart.svg", "file_kind"): b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    ("rapport.docx", "file_extension"): pdf(),
    ("rapport", "file_extension"): pdf(),
    ("blad.docx", "file_extension"): office("xlsx"),
    ("tekst.txt", "file_kind"): b"a\x00b",
    ("macro.docx", "file_macros"): office("docx", word__vbaProject_bin=b"\xd0\xcf"),
    ("macro.odt", "file_macros"): open_document("odt", Basic__Standard__Module1=b"Sub Main"),
    ("bom.docx", "file_bomb"): office("docx", word__big=bytes(40 * 1024 * 1024)),
}  # fmt: skip
