"""Workbooks broken at random, in three ways: their bytes, the parts of their zip, the XML in their parts.

Each case is known by its seed. ``python tests/fuzz_workbooks.py --minutes 5`` runs on from a random seed and prints the
seeds of failures: a case that ends otherwise than read or refused, or takes more time or memory than any file may.
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from random import Random

from openpyxl import Workbook

from hostile_files import Parts, parts_of, sheet_xml, strings_xml, styles_xml, zipped
from muster_ingest.workbooks.reading.readers import Readers
from muster_ingest.workbooks.reading.refused import Refused

SECONDS, MEMORY = 5, 300_000_000
WORDS = (
    b"<row", b"</row>", b"<c ", b"</c>", b"<v>", b"</v>", b"<f>", b"<is>", b"<t>", b"</t>", b"<si>", b"</si>",
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x ", b"?>", b"&amp;", b"&#0;", b"&#x110000;", b"<!DOCTYPE a>", b'"',
    b"'", b"\x00", b"\xff", b"\r", b"</sheetData>", b"<sheetData>", b' r="A1"', b' r="XFD1048576"',
    b' s="99999999999"', b' t="s"', b' xmlns="x"', b'="-1"', b"A0", b"1e999", b"NaN", b"4294967296", b"\xed\xa0\x80",
    b"\xef\xbf\xbf", b"_xD800_", b"_x0000_", b'ref="A1:XFD1048576"',
)  # fmt: skip


def seeds_of_growth() -> list[Parts]:
    """Honest workbooks to start from."""
    rows = "".join(
        f'<row r="{n}" spans="1:5"><c r="A{n}" t="s"><v>{n % 3}</v></c><c r="B{n}" s="1"><v>{42000 + n}</v></c>'
        f'<c r="C{n}"><f>A{n}+1</f><v>{n}.5</v></c><c r="D{n}" t="inlineStr"><is><t>in &amp; line</t></is></c>'
        f'<c r="E{n}" s="2"/></row>'
        for n in range(1, 40)
    )
    strings = strings_xml("<si><t>one</t></si><si><r><t>t</t></r><r><t>wo</t></r></si><si><t>three &lt;</t></si>")
    sheet = sheet_xml(
        rows,
        before='<cols><col min="1" max="2" hidden="1"/></cols>',
        after='<mergeCells><mergeCell ref="A1:A2"/></mergeCells>',
    )
    return [parts_of(sheet, strings=strings, styles=styles_xml([0, 14, "0.0%", "[h]:mm"])), _unzipped(_by_openpyxl())]


def _by_openpyxl() -> bytes:
    workbook = Workbook()
    for at in range(30):
        workbook.worksheets[0].append([at, "text & more", 1.5 * at, date(2016, 1, 1 + at), True, "=A1", None])
    workbook.create_sheet("Hidden").sheet_state = "hidden"
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _unzipped(content: bytes) -> Parts:
    import zipfile

    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def case(seed: int, grown: list[Parts]) -> bytes:
    """The file of one seed."""
    random = Random(seed)  # noqa: S311 - to be repeatable is the point
    parts = dict(random.choice(grown))
    ways: list[Callable[[Random, Parts], bytes]] = [_by_bytes, _by_parts, _by_xml, _by_xml, _by_xml]
    return random.choice(ways)(random, parts)


def _by_bytes(random: Random, parts: Parts) -> bytes:
    return _mutated(random, zipped(parts), random.randrange(1, 12))


def _by_parts(random: Random, parts: Parts) -> bytes:
    names = list(parts)
    for _ in range(random.randrange(1, 4)):
        name, other = random.choice(names), random.choice(names)
        match random.randrange(4):
            case 0:
                parts.pop(name, None)
            case 1:
                parts[name] = parts.get(other, b"")
            case 2:
                parts[name] = parts.get(name, b"")[: random.randrange(500)]
            case _:
                parts[random.choice(["xl/x.xml", name.upper(), f"xl/../{name}", f"/{name}", ""]) or "x"] = b"<a/>"
    return zipped(parts)


def _by_xml(random: Random, parts: Parts) -> bytes:
    name = random.choice([name for name in parts if "sheet" in name or "tring" in name] * 3 + list(parts))
    content = parts[name]
    for _ in range(random.randrange(1, 5)):
        content = random.choice([_shuffled, _worded, _worded, _repeated])(random, content)
    parts[name] = content
    return zipped(parts)


def _mutated(random: Random, content: bytes, times: int) -> bytes:
    changed = bytearray(content)
    for _ in range(times):
        at = random.randrange(len(changed))
        match random.randrange(3):
            case 0:
                changed[at] = random.randrange(256)
            case 1:
                del changed[at : at + random.randrange(1, 20)]
            case _:
                changed[at:at] = random.randbytes(random.randrange(1, 5))
    return bytes(changed)


def _worded(random: Random, content: bytes) -> bytes:
    at, length = random.randrange(len(content) + 1), random.choice([0, 0, 1, 5, 30])
    return content[:at] + random.choice(WORDS) * random.choice([1, 1, 1, 2, 1_000]) + content[at + length :]


def _shuffled(random: Random, content: bytes) -> bytes:
    pieces = re.split(rb"(?=<)", content)
    first, second = random.randrange(len(pieces)), random.randrange(len(pieces))
    pieces[first], pieces[second] = pieces[second], pieces[first]
    return b"".join(pieces)


def _repeated(random: Random, content: bytes) -> bytes:
    start = random.randrange(len(content) + 1)
    piece = content[start : start + random.randrange(1, 300)]
    return content[:start] + piece * random.choice([2, 10, 500]) + content[start + len(piece) :]


def outcome(content: bytes, path: Path, readers: Readers) -> tuple[str, str | None]:
    """How a file ended ("read" or the code of its refusal), and what is wrong with that, if anything."""
    path.write_bytes(content)
    begun = time.monotonic()
    try:
        with readers.read(path) as reading:
            for _ in reading.frames():
                pass
        ended = "read"
    except Refused as refused:
        ended = refused.code
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        return "failed", repr(error)
    took = time.monotonic() - begun
    if ended == "unreadable" or took > SECONDS or readers.peak_bytes > MEMORY:
        return ended, f"{ended} after {took:.1f} s, peak {readers.peak_bytes:,} bytes"
    return ended, None


def main() -> int:
    """Run for some minutes from a random seed, or one seed again."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=5)
    words.add_argument("--seed", type=int)
    said = words.parse_args()
    readers, grown, ends = Readers(), seeds_of_growth(), Counter[str]()
    first = said.seed if said.seed is not None else secrets.randbelow(2**40)
    until, found = time.monotonic() + said.minutes * 60, 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in [said.seed] if said.seed is not None else range(first, first + 2**40):
            end, wrong = outcome(case(seed, grown), Path(folder) / "case", readers)
            ends[end] += 1
            if wrong:
                found += 1
                print(f"seed {seed}: {wrong}", flush=True)  # noqa: T201 - a command line prints
            if time.monotonic() > until:
                break
    readers.close()
    print(f"{ends.total()} cases from seed {first}, {found} findings; {dict(ends.most_common())}")  # noqa: T201 - as above
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
