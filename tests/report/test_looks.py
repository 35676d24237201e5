"""A look paints workbooks and pages in its colours, with its logo first; what nobody could read is refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from muster_report.about import complete
from muster_report.book import Book
from muster_report.look import Look, colour, contrast, unreadable
from muster_report.png import LARGEST_BYTES, NoPicture, checked
from muster_report.renderers import html
from muster_report.reports import catalogue
from muster_report.xlsx import render
from pictures import chunk, png
from report.published_facts import published_facts

GREEN = Look("Example Fund", "#14532D", "#DCFCE7", checked(png(320, 80)))


def funding() -> Book:
    report = catalogue()["funding-requirements"]
    params = report.read({"year": "2016", "copy": "donor"})
    return complete(report.build(published_facts(), params), params=params, base=None)


def parts(book: Book) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(render(book))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_workbook_in_a_look_has_its_colours_and_no_other_of_the_house() -> None:
    house, looking = parts(funding()), parts(replace(funding(), look=GREEN))
    painted = {name for name in house if looking[name] != house[name]}
    assert b"1F4E79" in house["xl/styles.xml"]
    for name in ("xl/styles.xml", "xl/charts/chart1.xml", "xl/worksheets/sheet1.xml"):
        assert name in painted
        assert b"1F4E79" not in looking[name]
        assert b"14532D" in looking[name]
    assert b"DCFCE7" in looking["xl/styles.xml"]
    assert not {name for name in painted if "sharedStrings" in name or "docProps" in name}


def test_the_figures_do_not_depend_on_the_look() -> None:
    house, looking = (load_workbook(io.BytesIO(render(replace(funding(), look=look)))) for look in (None, GREEN))
    assert house.sheetnames == looking.sheetnames
    for name in house.sheetnames:
        told = ([[cell.value for cell in row] for row in workbook[name]] for workbook in (house, looking))
        assert next(told) == next(told)


def test_the_logo_stands_on_the_first_sheet_only_and_says_whose_it_is() -> None:
    looking = parts(replace(funding(), look=GREEN))
    assert looking["xl/media/image1.png"] == (GREEN.logo and GREEN.logo.content)
    drawing = looking["xl/drawings/drawing1.xml"].decode()
    assert 'descr="Example Fund"' in drawing
    assert 'descr="Bars: the total required for each region' in drawing, "the chart keeps its own words"
    assert [name for name in looking if name.startswith("xl/media/")] == ["xl/media/image1.png"]
    assert b'Extension="png"' in looking["[Content_Types].xml"]


def test_a_look_without_a_logo_draws_nothing() -> None:
    assert not [name for name in parts(replace(funding(), look=replace(GREEN, logo=None))) if "media" in name]


def test_the_same_look_gives_the_same_bytes_and_no_look_gives_those_of_before() -> None:
    assert render(replace(funding(), look=GREEN)) == render(replace(funding(), look=replace(GREEN)))
    assert render(replace(funding(), look=None)) == render(funding())


def test_a_page_in_a_look_has_its_colours_for_light_and_paper_and_its_logo_within() -> None:
    page = html.render(replace(funding(), look=GREEN)).decode()
    assert page.count("--accent: #14532D; --pale: #DCFCE7") == 2
    assert '<img class="logo" alt="Example Fund" src="data:image/png;base64,' in page
    assert "14532D" not in html.render(funding()).decode()


def test_a_name_cannot_break_out_of_the_page() -> None:
    page = html.render(replace(funding(), look=replace(GREEN, name='"><script>alert(1)</script>'))).decode()
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("accent", "tint", "wrong"),
    [
        ("#1F4E79", "#E3ECF5", ""),
        ("#FFD700", "#FFFFFF", "accent"),
        ("#1F4E79", "#1F4E80", "tint"),
        ("#767676", "#FFFFFF", ""),
        ("#777777", "#FFFFFF", "accent"),
    ],
)
def test_colours_in_which_text_cannot_be_read_are_told_by_name(accent: str, tint: str, wrong: str) -> None:
    problem = unreadable(accent, tint)
    assert bool(problem) == bool(wrong)
    assert wrong in problem


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#777777") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("text", ["red", "#12345", "#12345G", "1F4E79", "#1F4E79\n", "rgb(1,2,3)"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        colour(text)


@pytest.mark.parametrize("colour_type", [0, 2, 3, 4, 6])
@pytest.mark.parametrize("interlaced", [False, True])
def test_every_kind_of_png_is_taken(colour_type: int, interlaced: bool) -> None:  # noqa: FBT001
    picture = checked(png(33, 17, colour_type=colour_type, interlaced=interlaced))
    assert (picture.width, picture.height) == (33, 17)
    assert checked(picture.content) == picture


def test_what_a_file_holds_beside_its_picture_is_not_kept() -> None:
    plain = png(20, 20)
    told = plain[:33] + chunk(b"tEXt", b"Author\x00somebody") + chunk(b"eXIf", b"where it was taken") + plain[33:]
    assert checked(told + b"behind the end").content == plain


def test_what_is_no_sound_png_is_refused_with_what_to_do() -> None:
    good = png(20, 20)
    header = good[16:29]
    bad = {
        "not a PNG": b"GIF89a" + bytes(100),
        "too many": good + bytes(LARGEST_BYTES),
        "cut off": good[:-12],
        "check sum": good[:40] + bytes([good[40] ^ 1]) + good[41:],
        "pixels": good[:33] + chunk(b"IDAT", zlib.compress(bytes(20 * 61 - 1))) + chunk(b"IEND", b""),
        "do not fit": good[:8] + chunk(b"IHDR", struct.pack(">II", 2001, 20) + header[8:]) + good[33:],
        "do not fit:": good[:8] + chunk(b"IHDR", struct.pack(">II", 0, 20) + header[8:]) + good[33:],
        "no PNG can be": good[:8] + chunk(b"IHDR", header[:8] + bytes([3, 2, 0, 0, 0])) + good[33:],
        "where they belong": good[:33] + chunk(b"IEND", b""),
        "where they belong:": good[:33] + chunk(b"aBCD", b"") + chunk(b"ABCD", b"") + good[33:],
        "cannot be read": good[:33] + chunk(b"IDAT", b"no stream") + chunk(b"IEND", b""),
        "cannot be read:": good[:33] + chunk(b"IDAT", zlib.compress(b"\x09" * (20 * 61))) + chunk(b"IEND", b""),
        "no header": good[:8] + good[33:],
        "more or fewer": good[:33] + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b""),
    }
    for said, content in bad.items():
        with pytest.raises(NoPicture, match=said):
            checked(content)


@given(st.integers(0, len(png(20, 20)) - 1), st.integers(1, 255))
def test_no_changed_byte_gets_another_error_than_a_refusal(place: int, by: int) -> None:
    content = bytearray(png(20, 20))
    content[place] ^= by
    with suppress(NoPicture):
        assert checked(bytes(content)).width == 20
