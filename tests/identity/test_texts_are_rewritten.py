"""What is replaced in the texts of a database, and what is not; and which files name somebody."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

import factories
from muster_shared import erasing, naming
from muster_shared.context import Context
from muster_shared.erasing import Erasure

ANA = Erasure("", "ana.lopez@example.org", ("Ana López",), "7f3a")
ADDRESS, NAME = ANA.pseudonym, ANA.name
PLAIN = {
    "ana.lopez@example.org": ADDRESS,
    "ANA.Lopez@Example.org,x": f"{ADDRESS},x",
    "from <ana.lopez@example.org>.": f"from <{ADDRESS}>.",
    "ana.lopez@example.org.ke": "ana.lopez@example.org.ke",
    "j-ana.lopez@example.org": "j-ana.lopez@example.org",
    "ana.lopez@example.orgs": "ana.lopez@example.orgs",
    "seen by Ana López, twice: Ana López": f"seen by {NAME}, twice: {NAME}",
    "Susana López": "Susana López",
    "Ana Lópezes": "Ana Lópezes",
}


@pytest.fixture
def database(open_context: Callable[[str], Context]) -> Context:
    context = open_context("notify")
    with context.sessions.begin() as session:
        session.execute(text("CREATE TABLE letter (number int, plain text, document jsonb, list text[])"))
    return context


def rewritten(database: Context, *rows: Any) -> list[Any]:
    with database.sessions.begin() as session:
        for number, (plain, document, listed) in enumerate(rows):
            row = {"number": number, "plain": plain, "document": json.dumps(document), "list": listed}
            session.execute(text("INSERT INTO letter VALUES (:number, :plain, CAST(:document AS jsonb), :list)"), row)
        assert erasing.count(session, ANA) == erasing.rewrite(session, ANA)
        assert erasing.rewrite(session, ANA) == {}, "a second pass finds nothing"
        return [tuple(row) for row in session.execute(text("SELECT plain, document, list FROM letter ORDER BY number"))]


def test_whole_addresses_and_names_give_way_in_texts_json_and_lists(database: Context) -> None:
    rows = [(plain, {"note": [plain, f"A line.\n{plain}"]}, [plain, "other"]) for plain in PLAIN]
    expected = [(new, {"note": [new, f"A line.\n{new}"]}, [new, "other"]) for new in PLAIN.values()]
    assert rewritten(database, *rows) == expected


def test_beside_the_address_any_name_gives_way_and_nothing_else_of_the_document(database: Context) -> None:
    person = {"name": 'Ana "La" L. \\ Ñ', "email": "Ana.Lopez@example.org"}
    paul = {"name": "Paul", "email": "paul@example.org"}
    document = {"manager": [person, paul], "title": 'A "quoted" title', "by": None, "amount": 1.50}
    [(_, found, _)] = rewritten(database, ("", document, None))
    assert found == {**document, "manager": [{"name": NAME, "email": ADDRESS}, paul]}


def workbook(content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{content}</t>")
    return file.getvalue()


@pytest.mark.parametrize(("plain", "new"), PLAIN.items())
def test_a_file_names_somebody_where_a_database_would_be_rewritten(plain: str, new: str) -> None:
    is_named = plain != new
    for content in (plain.encode(), json.dumps({"a": f"x\n{plain}"}).encode(), workbook(plain)):
        assert naming.names(content, ANA) is is_named
    assert naming.names("x".encode("utf-16") + "ana.lopez@example.org".encode("utf-16-le"), ANA)


def test_a_file_that_is_no_zip_inside_counts_as_naming_them() -> None:
    assert naming.names(workbook("nobody")[:60], ANA)
    assert not naming.names(workbook("nobody"), ANA)


def test_names_that_somebody_else_bears_are_replaced_beside_the_address_only(house: Any) -> None:
    """Two people of one name, and one whose name holds it: only the address tells them apart."""
    ana, other = (
        {"name": "Ana Lopez", "email": "ana@example.org"},
        {"name": "ANA LOPEZ Garcia", "email": "al@example.org"},
    )
    maria = {"name": "María José Ruiz", "email": "ana@example.org"}
    records = [factories.office(), factories.project(manager=ana, alternate_manager=other, objectives="Ana Lopez")]
    records.append(factories.project("KE-002", manager=maria))
    house.admin("POST", "/ingest/v1/submissions", factories.envelope(*records, code="HQ"))
    told = house.admin("POST", "/ingest/v1/users/ana@example.org/erasure?dry_run=true").get_json()
    assert told["names"] == ["María José Ruiz"]
    assert [one["value"] for one in told["responsible"]] == ["KE-001", "KE-002"]
