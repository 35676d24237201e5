"""A focal point's day: a workbook with mistakes, the same corrected, what it would change, the receipt, one value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

OFFICE = "IRQ"
PATIENT = 30_000  # milliseconds: the machine may be busy with other tests


def edited(template: Path, name: str, **cells: Any) -> Path:
    """A template of projects with other values in its first row, found by their field names."""
    book = load_workbook(template)
    sheet = book["project"]
    at = {cell.value: number for number, cell in enumerate(sheet[2], start=1)}
    for field, value in cells.items():
        sheet.cell(3, at[field]).value = value
    changed = template.with_name(name)
    book.save(changed)
    return changed


def fetched(page: Page, folder: Path) -> Path:
    """The template of the office's projects, as its page offers it."""
    page.goto("/ingest/upload")
    with page.expect_download() as download:
        page.get_by_role("link", name="Projects", exact=True).last.click()
    saved = folder / "projects.xlsx"
    download.value.save_as(saved)
    return saved


@pytest.mark.parametrize("javascript", [True, False])
def test_mistakes_are_seen_in_the_sheet_and_what_would_change_is_seen_before_it_is_submitted(
    javascript: bool,  # noqa: FBT001 - as pytest gives it
    page_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], None],
    tmp_path: Path,
) -> None:
    page = page_as("focal_point", offices=(OFFICE,), javascript=javascript)
    template = fetched(page, tmp_path)
    wrong = edited(template, "wrong.xlsx", end="31.31.2017", gender_marker=9)
    page.set_input_files("#file", wrong)
    page.get_by_role("button", name="Check what would change").click()
    expect(page.locator("td.marked")).to_have_count(2, timeout=PATIENT)
    expect(page.locator("td.marked").first).to_contain_text("'31.31.2017' is not a date")
    shot(page, "wrong")
    if javascript:
        assert axe(page) == []
    page.get_by_role("link", name="Upload the corrected one").click()
    title = f"Seen on the page, {'with' if javascript else 'without'} a script"
    page.set_input_files("#file", edited(template, "right.xlsx", title=title, revision=None))
    page.get_by_role("button", name="Check what would change").click()
    expect(page.locator("ins", has_text=title)).to_be_visible(timeout=PATIENT)
    expect(page.get_by_text("Nothing is stored yet.")).to_be_visible(timeout=PATIENT)
    shot(page, "check")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Accepted. This is the receipt.")).to_be_visible(timeout=PATIENT)
    if javascript:
        assert axe(page) == []


def test_one_value_is_corrected_with_the_keyboard_alone(
    page_as: Callable[..., Page], axe: Callable[[Page], list[str]], shot: Callable[[Page, str], None]
) -> None:
    page = page_as("focal_point", offices=(OFFICE,), dark=True)
    page.goto("/ingest/records/project")
    page.locator("tbody th a").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Correct: Objectives").focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Objectives")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Families live in safety")
    shot(page, "correction")
    assert axe(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stored. The receipt is")).to_be_visible(timeout=PATIENT)
    expect(page.locator("#field-objectives ins", has_text="Families live in safety")).to_have_count(1, timeout=PATIENT)
