"""What the IATI standard publishes for its version 2.03 (schema, code lists, rule set), and holding a file against it.

All three are files of the package pyIATI, which is installed for tests without its own dependencies and never
imported: its code is of 2018 and asks for libraries of that year.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # publishes no types

# The DAC added this purpose code after the package's copy of the list was made; the list is not part of the
# standard's own ("non-embedded"), a newer one holds for files of 2.03 as well.
ADDED_SINCE = {"Sector": {"15190"}}


@cache
def standard() -> Path:
    spec = find_spec("iati")
    places = spec.submodule_search_locations if spec else None
    assert places, "the standard's files are missing: pip install --no-deps pyIATI"
    return Path(next(iter(places))) / "resources" / "standard" / "2-03"


@cache
def schema() -> Any:
    return etree.XMLSchema(etree.parse(str(standard() / "schemas" / "iati-activities-schema.xsd")))


@cache
def codes_of(name: str) -> frozenset[str]:
    listed = etree.parse(str(standard() / "codelists" / f"{name}.xml"))
    current = listed.xpath("//codelist-item[not(@status='withdrawn')]/code/text()")
    return frozenset(code.strip() for code in current) | ADDED_SINCE.get(name, set())


@cache
def listed_attributes() -> tuple[tuple[str, str, str], ...]:
    """Path of an attribute, its code list, the condition under which it is held to it."""
    mappings = etree.parse(str(standard() / "codelist-mapping.xml")).iter("mapping")
    return tuple(
        (m.findtext("path"), m.find("codelist").get("ref"), m.findtext("condition") or "true()") for m in mappings
    )


@cache
def rule_set() -> Mapping[str, Any]:
    rules = json.loads((standard() / "rulesets" / "standard_ruleset.json").read_text(encoding="utf-8"))
    return {place: found for place, found in rules.items() if "organisation" not in place}


def broken_rules(document: bytes, as_of: datetime) -> list[str]:
    """Everything that is wrong with a file, in words; nothing where it is valid."""
    root = etree.fromstring(document)
    if not schema().validate(root):
        return [str(error) for error in schema().error_log]
    return [*_wrong_codes(root), *_broken_rules(root, as_of.date()), *_wrong_sums(root), *_long_budgets(root)]


def _wrong_codes(root: Any) -> Iterator[str]:
    for path, code_list, condition in listed_attributes():
        for code in root.xpath(path, namespaces={"xml": "http://www.w3.org/XML/1998/namespace"}):
            if code.getparent().xpath(f"boolean({condition})") and str(code) not in codes_of(code_list):
                yield f"{path} '{code}' is not in {code_list}"


def _broken_rules(root: Any, today: date) -> Iterator[str]:
    for place, rules in rule_set().items():
        for rule, cases in rules.items():
            for element in root.xpath(place):
                for case in cases["cases"]:
                    if not CHECKS[rule](element, case, today):
                        yield f"{place} line {element.sourceline}: {rule} {case}"


def _found(element: Any, case: Mapping[str, Any]) -> list[Any]:
    return [found for path in case["paths"] for found in element.xpath(path)]


def _text(found: Any) -> str:
    return str(found if isinstance(found, str) else found.text)


def _in_order(element: Any, case: Mapping[str, str], today: date) -> bool:
    less, more = (
        [today.isoformat()] if case[side] == "NOW" else element.xpath(case[side]) for side in ("less", "more")
    )
    return all(a <= b for a in less for b in more)


def _sums(element: Any, case: Mapping[str, Any], _: date) -> bool:
    found = _found(element, case)
    return not found or sum(map(Decimal, found)) == case["sum"]


CHECKS: Mapping[str, Callable[[Any, Any, date], bool]] = {
    "atleast_one": lambda element, case, _: bool(_found(element, case)),
    "no_more_than_one": lambda element, case, _: len(_found(element, case)) <= 1,
    "date_order": _in_order,
    "regex_matches": lambda element, case, _: all(re.fullmatch(case["regex"], _text(f)) for f in _found(element, case)),
    "sum": _sums,
}


def _wrong_sums(root: Any) -> Iterator[str]:
    for activity in root:
        shares: dict[str, Decimal] = {}
        for sector in activity.findall("sector"):
            vocabulary = sector.get("vocabulary")
            shares[vocabulary] = shares.get(vocabulary, Decimal(0)) + Decimal(sector.get("percentage"))
        for vocabulary, share in shares.items():
            if abs(share - 100) > Decimal("0.0101"):
                yield f"sectors of vocabulary {vocabulary} sum to {share}"
        if len(activity.findall("recipient-country")) + len(activity.findall("recipient-region")) != 1:
            yield "an activity is for one country or one region"


def _long_budgets(root: Any) -> Iterator[str]:
    for budget in root.iter("budget"):
        start, end = (date.fromisoformat(budget.find(f"period-{side}").get("iso-date")) for side in ("start", "end"))
        if (end - start).days > 365:
            yield f"the budget from {start} to {end} is for more than a year"
