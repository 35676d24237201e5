"""How the sheets of a template are printed."""

from __future__ import annotations

import math

from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from muster_ingest.workbooks import words

_A4 = 9
_PAGE_WIDTH = 210  # characters across a landscape page that can still be read
_LONGEST = 80  # characters of a name in a page's header


def set_page(sheet: Worksheet, *, title: str, office: str, to: str, width: float, landscape: bool = True) -> None:
    """Print on A4, as many pages wide as the columns (``width`` characters) need to stay readable.

    The header of a page has the title and the office, its footer the page; ``to`` is the language.
    """
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = _A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth = math.ceil(width / _PAGE_WIDTH)
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    header, footer = HeaderFooterItem(), HeaderFooterItem()
    header.left.text, header.right.text = _plain(title), _plain(office)
    footer.right.text = words.say("page", to, page="&P", pages="&N")
    sheet.oddHeader, sheet.oddFooter = header, footer


def _plain(text: str) -> str:
    """Text as a header takes it: an ampersand would begin a command."""
    printable = "".join(character for character in text[:_LONGEST] if character.isprintable())
    return printable.replace("&", "&&")
