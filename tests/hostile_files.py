"""Files made by hand, part by part: honest ones down to the smallest, and hostile ones for each limit."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = "xl/worksheets/sheet1.xml"
Parts = dict[str, bytes]


def sheet_xml(rows: str, *, before: str = "", after: str = "") -> bytes:
    return f'{HEAD}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'.encode()


def strings_xml(items: str) -> bytes:
    return f'{HEAD}<sst xmlns="{MAIN}">{items}</sst>'.encode()


def styles_xml(codes: Iterable[str | int]) -> bytes:
    """Cell format n has the n-th of these: a custom code, or the id of a built-in format."""
    listed = list(codes)
    custom = "".join(
        f'<numFmt numFmtId="{200 + at}" formatCode="{_quoted(code)}"/>'
        for at, code in enumerate(listed)
        if isinstance(code, str)
    )
    formats = "".join(
        f'<xf numFmtId="{code if isinstance(code, int) else 200 + at}"/>' for at, code in enumerate(listed)
    )
    listed_formats = f"<numFmts>{custom}</numFmts><cellXfs>{formats}</cellXfs>"
    return f'{HEAD}<styleSheet xmlns="{MAIN}">{listed_formats}</styleSheet>'.encode()


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def parts_of(
    sheet: bytes,
    *,
    strings: bytes | None = None,
    styles: bytes | None = None,
    kind: str = SHEET_TYPE,
    workbook: str = "",
    extra: Mapping[str, bytes] | None = None,
) -> Parts:
    """The parts of a workbook with the one sheet ``S``."""
    relation = f'<Relationship Id="{{}}" Type="{RELATIONS}/{{}}" Target="{{}}"/>'
    listed = [relation.format("rId1", "worksheet", "worksheets/sheet1.xml")]
    parts = {SHEET: sheet}
    for name, content in (("sharedStrings", strings), ("styles", styles)):
        if content is not None:
            listed.append(relation.format(name, name, f"{name}.xml"))
            parts[f"xl/{name}.xml"] = content
    return {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>'
        ).encode(),
        "_rels/.rels": related([relation.format("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": workbook_xml('<sheet name="S" sheetId="1" r:id="rId1"/>', before=workbook),
        "xl/_rels/workbook.xml.rels": related(listed),
        **parts,
        **(extra or {}),
    }


def workbook_xml(sheets: str, *, before: str = "") -> bytes:
    spaces = f'xmlns="{MAIN}" xmlns:r="{RELATIONS}"'
    return f"{HEAD}<workbook {spaces}>{before}<sheets>{sheets}</sheets></workbook>".encode()


def related(relations: Iterable[str]) -> bytes:
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(relations)}</Relationships>'.encode()


def zipped(parts: Mapping[str, bytes] | Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items() if isinstance(parts, Mapping) else parts:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def book(rows: str, **more: object) -> bytes:
    """A workbook whose sheet holds these rows."""
    sheet = {name: more.pop(name) for name in ("before", "after") if name in more}
    return zipped(parts_of(sheet_xml(rows, **sheet), **more))  # type: ignore[arg-type]


HONEST = book('<row r="1"><c r="A1"><v>1</v></c></row>')


def ole(stream: str) -> bytes:
    """A file in the container of older Office programs that names one stream."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le").ljust(64, b"\0") + bytes(2_000)


def _bomb() -> bytes:
    """A sheet that inflates a thousandfold."""
    return book("<!--" + " " * 60_000_000 + "-->")


def _overlapping() -> bytes:
    """Two directory entries that share the packed bytes of one."""
    content = bytearray(zipped(parts_of(sheet_xml("")) | {"xl/a.bin": bytes(50_000), "xl/b.bin": bytes(50_000)}))
    at = content.rfind(b"PK\x01\x02")
    before = content.rfind(b"PK\x01\x02", 0, at)
    content[at + 42 : at + 46] = content[before + 42 : before + 46]
    return bytes(content)


def _lying_size() -> bytes:
    """The directory says that the sheet is ten bytes long; its data are cut there."""
    content = bytearray(HONEST)
    at = content.rfind(b"PK\x01\x02")
    content[at + 20 : at + 24] = struct.pack("<I", 10)
    return bytes(content)


def _broken_stream() -> bytes:
    parts = parts_of(sheet_xml("<row r='1'><c r='A1'><v>1</v></c></row>" + "<!-- padding -->" * 100))
    content = bytearray(zipped(parts))
    at = content.find(SHEET.encode()) + len(SHEET)
    content[at + 4 : at + 30] = b"\xff" * 26
    return bytes(content)


def _wrong_checksum() -> bytes:
    content = bytearray(zipped(parts_of(sheet_xml("")), zipfile.ZIP_STORED))
    at = content.find(b"<sheetData>")
    content[at : at + 11] = b"<sheetDatb>"
    return bytes(content)


def _encrypted() -> bytes:
    content = bytearray(HONEST)
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def _twice() -> bytes:
    parts = list(parts_of(sheet_xml("")).items())
    return zipped([*parts, (SHEET.upper().replace("SHEET1.XML", "sheet1.xml"), b"<a/>")])


def _external() -> bytes:
    parts = parts_of(sheet_xml(""))
    target = (
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="http://192.0.2.1/s.xml" TargetMode="External"/>'
    )
    return zipped(parts | {"xl/_rels/workbook.xml.rels": related([target])})


def _dtd(sheet: str) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(9))
    return sheet.replace(HEAD, f"{HEAD}<!DOCTYPE worksheet [{entities}]>").encode()


def _many_sheets(count: int) -> bytes:
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(count))
    return zipped(parts_of(sheet_xml("")) | {"xl/workbook.xml": workbook_xml(sheets)})


def _rows(count: int, cells: str = '<c r="A{n}"><v>1</v></c>') -> str:
    return "".join(f'<row r="{n}">{cells.format(n=n)}</row>' for n in range(1, count + 1))


def _noisy(text: str, count: int) -> str:
    """Text that does not pack too well: each part carries a check sum of its number."""
    return "".join(text.format(n=n, noise=f"{zlib.crc32(str(n).encode()):08x}") for n in range(count))


def _text(length: int) -> str:
    return f'<row r="7"><c r="C7" t="inlineStr"><is><t>{_noisy("{noise}", length // 8 + 1)[:length]}</t></is></c></row>'


def _one_long_text_everywhere() -> bytes:
    text = _noisy("{noise}", 4_000)
    cells = "".join(f'<c r="{column}{{n}}" t="s"><v>0</v></c>' for column in "ABCDEFGH")
    return book(_rows(5_000, cells), strings=strings_xml(f"<si><t>{text}</t></si>"))


def _deep(depth: int) -> bytes:
    return book("", after="<a>" * depth + "</a>" * depth)


def _attributes(count: int) -> bytes:
    return book("", after=f"<a {' '.join(f'a{n}={chr(34)}1{chr(34)}' for n in range(count))}/>")


def _cells(count: int) -> bytes:
    columns = [f"{a}{b}" for a in "ABCDEFGHIJKLMNOP" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    line = "".join(f'<c r="{column}{{n}}" s="0"/>' for column in columns)
    return zipped(parts_of(sheet_xml(_rows(count // len(columns) + 1, line))), zipfile.ZIP_STORED)


def _styles(count: int) -> bytes:
    parts = parts_of(sheet_xml(""), styles=styles_xml(14 + n % 8 for n in range(count)))
    return zipped(parts, zipfile.ZIP_STORED)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "an empty file": (lambda: b"", "empty"),
    "a PDF": (lambda: b"%PDF-1.7\n" + bytes(100), "pdf"),
    "a web page named as a workbook": (lambda: b"\n<!-- x --><HTML><table><tr><td>1</td></tr></table>", "html"),
    "a gzip archive": (lambda: b"\x1f\x8b\x08" + bytes(50), "gzip"),
    "an Excel 97 workbook": (lambda: ole("Workbook"), "old_excel"),
    "a password-protected workbook": (lambda: ole("EncryptedPackage"), "encrypted"),
    "a Word 97 document": (lambda: ole("WordDocument"), "word_document"),
    "an XML Spreadsheet 2003": (
        lambda: b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "xml_spreadsheet",
    ),
    "a binary workbook": (
        lambda: book("", kind="application/vnd.ms-excel.sheet.binary.macroEnabled.main"),
        "binary_workbook",
    ),
    "a macro workbook": (
        lambda: book("", kind="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        "macro_workbook",
    ),
    "a Word document": (
        lambda: book("", kind=SHEET_TYPE.replace("spreadsheetml.sheet", "wordprocessingml.document")),
        "word_document",
    ),
    "an OpenDocument spreadsheet": (
        lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}),
        "open_document",
    ),
    "another zip archive": (lambda: zipped({"read.me": b"hello"}), "not_a_workbook"),
    "bytes": (lambda: bytes(range(256)) * 10, "not_a_workbook"),
    "text in UTF-16": (lambda: "a;b\n1;2\n".encode("utf-16"), "not_utf8"),
    "a workbook cut off": (lambda: HONEST[:-40], "damaged"),
    "a workbook with bytes behind it": (lambda: HONEST + b"more", "damaged"),
    "a part inside another": (_overlapping, "damaged"),
    "a part of a false length": (_lying_size, "damaged"),
    "a part that cannot be unpacked": (_broken_stream, "damaged"),
    "a part with a wrong check sum": (_wrong_checksum, "damaged"),
    "an encrypted entry": (_encrypted, "encrypted"),
    "a part twice": (_twice, "damaged"),
    "a path that climbs": (lambda: book("", extra={"../../etc/passwd": b"x"}), "damaged"),
    "a part at another address": (_external, "outside_reference"),
    "six thousand parts": (lambda: book("", extra={f"xl/media/{n}.png": b"" for n in range(6_000)}), "too_many_parts"),
    "a bomb": (_bomb, "expands_too_much"),
    "entities within entities": (
        lambda: zipped(parts_of(_dtd(sheet_xml('<row r="1"><c r="A1"><v>&e8;</v></c></row>').decode()))),
        "has_dtd",
    ),
    "a document type in a part that is not read": (
        lambda: book("", extra={"xl/drawings/drawing1.xml": b"<?xml version='1.0'?>\n<!DOCTYPE a><a/>"}),
        "has_dtd",
    ),
    "a sheet in UTF-16": (
        lambda: zipped(parts_of(sheet_xml("").decode().replace("UTF-8", "UTF-16").encode("utf-16"))),
        "not_utf8",
    ),
    "a sheet that says it is in another encoding": (
        lambda: zipped(parts_of(sheet_xml("").replace(b"UTF-8", b"ISO-8859-1"))),
        "not_utf8",
    ),
    "broken XML": (lambda: zipped(parts_of(sheet_xml("")[:-5])), "damaged"),
    "deep nesting": (lambda: _deep(100_000), "nested_too_deep"),
    "many attributes": (lambda: _attributes(20_000), "too_many_attributes"),
    "an endless tag": (
        lambda: zipped(parts_of(sheet_xml("", after=f'<a b="{"x" * 3_000_000}"/>')), zipfile.ZIP_STORED),
        "token_too_long",
    ),
    "two hundred sheets": (lambda: _many_sheets(200), "too_many_sheets"),
    "too many rows": (lambda: book(_rows(110_001)), "too_many_rows"),
    "two million empty rows": (
        lambda: zipped(parts_of(sheet_xml("".join(f'<row r="{n}"/>' for n in range(1, 2_000_001))))),
        "too_many_rows",
    ),
    "too many cells": (lambda: _cells(4_100_000), "too_many_cells"),
    "a far column": (lambda: book('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "too_many_columns"),
    "a column that is not there": (lambda: book('<row r="1"><c r="XFE1"><v>1</v></c></row>'), "damaged"),
    "a row that is not there": (lambda: book('<row r="1048577"><c r="A1048577"><v>1</v></c></row>'), "damaged"),
    "a text too long": (lambda: book(_text(32_768)), "text_too_long"),
    "a text of two million characters": (
        lambda: zipped(parts_of(sheet_xml(_text(2_000_000))), zipfile.ZIP_STORED),
        "text_too_long",
    ),
    "a shared text too long": (
        lambda: book(
            '<row r="2"><c r="B2" t="s"><v>0</v></c></row>',
            strings=strings_xml(f"<si><t>{_noisy('{noise}', 5_000)}</t></si>"),
        ),
        "text_too_long",
    ),
    "one long text in forty thousand cells": (_one_long_text_everywhere, "expands_too_much"),
    "a string that is not there": (lambda: book('<row r="3"><c r="D3" t="s"><v>9</v></c></row>'), "damaged"),
    "a format that is not there": (lambda: book('<row r="3"><c r="D3" s="9"><v>9</v></c></row>'), "damaged"),
    "cells out of order": (lambda: book('<row r="3"><c r="D3"><v>9</v></c><c r="B3"><v>9</v></c></row>'), "damaged"),
    "a cell twice": (lambda: book('<row r="3"><c r="D3"><v>9</v></c><c r="D3"><v>8</v></c></row>'), "damaged"),
    "rows backwards": (
        lambda: book('<row r="3"><c r="D3"><v>9</v></c></row><row r="2"><c r="D2"><v>9</v></c></row>'),
        "damaged",
    ),
    "a cell of another row": (lambda: book('<row r="3"><c r="D4"><v>9</v></c></row>'), "damaged"),
    "too many merged ranges": (
        lambda: book(
            "",
            after=f"<mergeCells>{''.join(f'<mergeCell ref={chr(34)}A{n}:B{n}{chr(34)}/>' for n in range(1, 10_002))}"
            "</mergeCells>",
        ),
        "too_many_merged_ranges",
    ),
    "too many formats": (lambda: _styles(65_001), "too_many_styles"),
    "too much text": (
        lambda: book("", strings=strings_xml(_noisy("<si><t>{noise}" + "x" * 1_000 + "</t></si>", 158_000))),
        "too_much_text",
    ),
    "CSV that is not UTF-8": (lambda: b"name;amount\nM\xe9decins;1\n", "not_utf8"),
    "CSV with NUL": (lambda: b"name;amount\n" * 1_000 + b"x\0;1\n", "damaged"),
    "CSV with an open quote": (lambda: b'name;amount\n"x;1\ny;2\n', "damaged"),
    "CSV with a line without end": (lambda: b"a;b\n" + b"x" * 20_000_000, "text_too_long"),
}
