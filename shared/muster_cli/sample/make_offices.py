"""Write the illustrative people into ``published/offices.csv``; the facts in its first columns stay.

Run ``python -m muster_cli.sample.make_offices``; running it again writes the same bytes.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from muster_cli.sample.people import People

OFFICES = Path(__file__).parent / "published" / "offices.csv"
FACTS = ("office", "type", "name", "region", "iso3", "m49", "time_zone", "weekend")
PEOPLE = ("head.name", "head.email", "reviewer.name", "reviewer.email")


def with_people(text: str) -> str:
    """The file's text with a head for every office and a reviewer for every regional office."""
    people = People()
    rows = [
        [*(office[fact] for fact in FACTS), *_people_of(office, people)] for office in csv.DictReader(io.StringIO(text))
    ]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([[*FACTS, *PEOPLE], *rows])
    return written.getvalue()


def _people_of(office: dict[str, str], people: People) -> list[str]:
    head = people.person(f"head/{office['office']}", office["region"])
    if office["type"] != "regional":
        return [head["name"], head["email"], "", ""]
    reviewer = people.person(f"reviewer/{office['office']}", office["region"])
    return [head["name"], head["email"], reviewer["name"], reviewer["email"]]


if __name__ == "__main__":
    OFFICES.write_text(with_people(OFFICES.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
