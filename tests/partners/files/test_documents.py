"""What is kept, told by its bytes: whatever its name says, and whatever it would do when opened."""

import io
import struct
import zipfile
from hashlib import sha256

import openpyxl
import pytest

from partners.audit.rules import Refused
from partners.files.changes import keep_document
from partners.files.models import Document
from partners.files.responses import document_response
from partners.files.rules import kinds
from partners.files.rules.kinds import kept_name, kind_of, words_for_size
from tests.builders import NOW, make_person

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 1, 1) + b"\x08\2\0\0\0" + b"\0" * 4
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\0" * 20 + b"\xff\xd9"


def packed(*names, content="x"):
    """A ZIP of these parts."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return whole.getvalue()


def workbook():
    whole = io.BytesIO()
    openpyxl.Workbook().save(whole)
    return whole.getvalue()


DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, ".pdf"),
        (PNG, ".png"),
        (JPEG, ".jpg"),
        (DOCX, ".docx"),
        (workbook(), ".xlsx"),
        (b"name,due\nCustody,2026-10-02\n", ".txt"),
        ("£3 million, naïve".encode(), ".txt"),
        ("£3 million".encode("cp1252"), ".txt"),
        (b"PKI is the plan", ".txt"),
        (b"1 < 2, and we <strong> about it", ".txt"),
    ],
)
def test_what_is_kept(content, ending):
    assert kind_of(content).endings[0] == ending


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"MZ\x90\0\3" + b"\0" * 100, "no file of a kind that is kept"),
        (b"\x7fELF\2\1\1" + b"\0" * 60, "no file of a kind"),
        (b"GIF89a" + b"\0" * 30, "no file of a kind"),
        (b"<!doctype html><title>x</title>", "no file of a kind"),
        (b"\xef\xbb\xbf  <html><body onload=alert(1)>", "no file of a kind"),
        (b"Dear all, <script>alert(1)</script>", "no file of a kind"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "no file of a kind"),
        (b'<?xml version="1.0"?><svg/>', "no file of a kind"),
        (b"text with a \0 in it", "no file of a kind"),
        (b"PK\x03\x04 and no archive", "no file of a kind"),
        (packed("a.txt"), "no file of a kind"),
        (packed("word/document.xml"), "no file of a kind"),
        (packed("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"), "no file of a kind"),
        (packed("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "The file holds macros"),
        (b"x" * (kinds.LARGEST_BYTES + 1), "larger than 10 MB"),
    ],
)
def test_what_is_refused(content, words):
    with pytest.raises(Refused, match=words) as told:
        kind_of(content)

    assert told.value.field == "file"


def test_an_archive_that_unpacks_to_far_more_is_refused_without_unpacking(monkeypatch):
    monkeypatch.setattr(kinds, "LARGEST_UNPACKED_BYTES", 1_000_000)
    bomb = packed("[Content_Types].xml", "word/document.xml", content="x" * 600_000)
    assert len(bomb) < 10_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("something was unpacked"))

    with pytest.raises(Refused, match="unpacks to far more"):
        kind_of(bomb)


def test_an_archive_of_very_many_parts_is_refused(monkeypatch):
    monkeypatch.setattr(kinds, "MOST_PARTS", 2)

    with pytest.raises(Refused, match="unpacks to far more"):
        kind_of(packed("[Content_Types].xml", "word/document.xml", "word/more.xml"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("Plan.PDF", "Plan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\ama\\plan.pdf", "plan.pdf"),
        ("plan.pdf.exe", "plan.pdf.exe.pdf"),
        ("a\r\nContent-Type: html.pdf", "a Content-Type: html.pdf"),
        ("", "document.pdf"),
        ("...", "document.pdf"),
        ("plan\u202efdp.exe", "plan fdp.exe.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_are_one_line_without_a_path_and_end_as_their_kind(name, kept):
    found = kept_name(name, kinds.PDF)

    assert found == kept
    assert len(found) <= kinds.NAME_LENGTH


def test_sizes_in_words():
    assert [words_for_size(size) for size in (1, 812, 46_080, 2_411_724)] == ["1 byte", "812 bytes", "45 KB", "2.3 MB"]


@pytest.mark.django_db
def test_a_document_is_kept_with_the_hash_of_its_bytes_and_under_its_kind():
    by = make_person()

    kept = keep_document(name="invoice.exe", content=PDF, by=by, now=NOW)

    read = Document.objects.get(pk=kept.pk)
    assert (read.name, read.media_type, read.size) == ("invoice.exe.pdf", "application/pdf", len(PDF))
    assert (read.sha256, bytes(read.content), read.uploaded_by) == (sha256(PDF).hexdigest(), PDF, by)


@pytest.mark.django_db
def test_what_is_refused_is_not_kept():
    with pytest.raises(Refused):
        keep_document(name="report.pdf", content=b"<!doctype html><script>alert(1)</script>", by=make_person(), now=NOW)

    assert not Document.objects.exists()


@pytest.mark.django_db
def test_a_download_is_saved_and_never_run():
    kept = keep_document(name='a "quoted" name; é.pdf', content=PDF, by=make_person(), now=NOW)

    answer = document_response(Document.objects.get(pk=kept.pk))

    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert (answer["Cache-Control"], answer["Content-Security-Policy"]) == (
        "private, no-store",
        "sandbox; default-src 'none'",
    )
