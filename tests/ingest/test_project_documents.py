"""The files of a project: versions, kinds told by their bytes, and who may read and write them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

import factories
from muster_ingest.file_kinds import TAKEN, WrongKind, content_type

PDF = b"%PDF-1.7\nagreement"


def archive(*parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for part in parts:
            made.writestr(part, "x")
    return file.getvalue()


@pytest.fixture
def kenya(ingest: Any) -> Any:
    ingest.accept(factories.office("KEN"), factories.office("UGA"), code="HQ")
    ingest.accept(factories.project())
    return ingest


def put(muster: Any, name: str = "agreement.pdf", content: bytes = PDF, token: str = "", **query: str) -> Any:
    return muster.client.put(
        f"/ingest/v1/projects/KE-001/documents/{name}",
        data=content,
        query_string=query,
        headers={"Authorization": f"Bearer {token or muster.admin}"},
    )


def test_every_version_stays_and_the_newest_is_read(kenya: Any) -> None:
    first = put(kenya, type="agreement")
    assert (first.status_code, first.get_json()["version"]) == (201, 1)
    assert put(kenya, content=PDF + b" amended", type="agreement").get_json()["version"] == 2
    path = "/projects/KE-001/documents"
    assert kenya.get(f"{path}/agreement.pdf").data == PDF + b" amended"
    assert kenya.get(f"{path}/agreement.pdf?version=1").data == PDF
    assert kenya.get(f"{path}/agreement.pdf?version=3").status_code == 404
    assert [row["version"] for row in kenya.items(f"{path}/agreement.pdf/versions")] == [2, 1]
    [listed] = kenya.items(path)
    assert (listed["version"], listed["type"], listed["stored_by"]) == (2, "agreement", "admin@example.org")


def test_the_same_bytes_again_are_no_new_version(kenya: Any) -> None:
    put(kenya)
    assert (put(kenya).status_code, len(kenya.items("/projects/KE-001/documents/agreement.pdf/versions"))) == (200, 1)


def test_a_file_is_handed_out_to_be_kept_not_shown(kenya: Any) -> None:
    put(kenya, "note.txt", b"<script>alert(1)</script>")
    answer = kenya.get("/projects/KE-001/documents/note.txt")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == "text/plain; charset=utf-8"


def test_only_who_sees_the_project_reads_and_only_who_writes_for_it_writes(kenya: Any) -> None:
    put(kenya)
    own, other = (kenya.token("focal_point", offices=[code]) for code in ("KEN", "UGA"))
    reviewer = kenya.token("reviewer", regions=["east_horn_of_africa"])
    manager = kenya.token("project_manager", name="amina.otieno@example.org")
    path = "/projects/KE-001/documents/agreement.pdf"
    assert [kenya.get(path, token=t).status_code for t in (own, reviewer, manager, other)] == [200, 200, 200, 404]
    assert [put(kenya, token=t, content=PDF + b"2").status_code for t in (other, reviewer)] == [404, 403]
    assert put(kenya, token=manager, content=PDF + b"2").status_code == 201
    assert kenya.get("/projects/KE-404/documents").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("agreement.exe", b"MZ", 415),
        ("agreement.pdf", b"<html>", 415),
        ("book.xlsx", b"PK\x03\x04 broken", 415),
        ("book.xlsx", archive("word/document.xml"), 415),
        ("macros.docx", archive("word/document.xml", "word/vbaProject.bin"), 415),
        ("note.txt", b"\xff\xfe\x00", 415),
        ("agreement.pdf", b"", 422),
        (".hidden.pdf", PDF, 422),
        ("a%3Ab.pdf", PDF, 422),
        ("a%0Ab.pdf", PDF, 422),
        ("x" * 150 + ".pdf", PDF, 422),
        ("..%2F..%2Fetc%2Fpasswd", PDF, 404),
    ],
)
def test_what_is_no_document_is_refused(kenya: Any, name: str, content: bytes, status: int) -> None:
    answer = put(kenya, name, content)
    assert answer.status_code == status, answer.text
    assert kenya.items("/projects/KE-001/documents") == []


def test_a_type_that_does_not_exist_is_refused(kenya: Any) -> None:
    assert put(kenya, type="recipe").status_code == 422


def test_each_kind_that_is_taken_is_known_by_its_bytes() -> None:
    right = {
        ".pdf": PDF,
        ".png": b"\x89PNG\r\n\x1a\n...",
        ".jpg": b"\xff\xd8\xff...",
        ".jpeg": b"\xff\xd8\xff...",
        ".docx": archive("word/document.xml"),
        ".xlsx": archive("xl/workbook.xml"),
        ".pptx": archive("ppt/presentation.xml"),
        ".txt": "Kenya, été".encode(),
        ".csv": b"a,b\n",
    }
    assert set(right) == set(TAKEN)
    for ending, content in right.items():
        assert content_type(f"file{ending.upper()}", content)
        with pytest.raises(WrongKind, match="not what its name says"):
            content_type(f"file{ending}", b"\x00\x01")
