"""Elements of an IATI file, with text that XML can carry."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element, SubElement

XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE: Final = re.compile(r"[^/&|?\s]+")  # the rule set's, and without the blanks that make none


def add(parent: Element, tag: str, text: str = "", /, **attributes: str | None) -> Element:
    """A new last child; attributes that are None are left out, underscores in their names become hyphens."""
    given = {name.replace("_", "-"): legible(value) for name, value in attributes.items() if value is not None}
    element = SubElement(parent, tag, given)
    if text:
        element.text = legible(text)
    return element


def add_narrated(parent: Element, tag: str, narrative: str, /, **attributes: str | None) -> Element:
    """A new last child that says ``narrative``, in the language of the activity."""
    element = add(parent, tag, **attributes)
    add(element, "narrative", narrative)
    return element


def add_value(parent: Element, amount: Decimal, currency: str, on: date) -> Element:
    """Money; ``on`` is the day whose exchange rate holds for it."""
    return add(parent, "value", plain(amount), currency=currency, value_date=on.isoformat())


def legible(text: str) -> str:
    """The text with U+FFFD for each character that XML 1.0 cannot carry (its production 2)."""
    return _NOT_XML.sub("\ufffd", text)


def reference(identifier: str | None) -> str | None:
    """An organisation's identifier where the standard's rule set allows it (no / & | ?), else None."""
    return identifier if identifier and _REFERENCE.fullmatch(identifier) else None


def plain(number: Decimal) -> str:
    """A decimal in plain notation without trailing zeros: ``1250.5``, ``4000000``."""
    text = format(number, "f")
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short
