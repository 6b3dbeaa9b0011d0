"""What people hand in: only what really opens as one of the kinds asked for."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal import uploads
from portal.errors import FileRefused
from portal.uploads import DOCX, PDF, check_file


def office(*parts: str, name: str = "a.docx", content: bytes = b"<x/>") -> SimpleUploadedFile:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.writestr(part, content)
    return SimpleUploadedFile(name, file.getvalue())


@pytest.mark.parametrize(
    ("part", "name", "suffix"),
    [("word/document.xml", "方案.DOC", ".docx"), ("xl/workbook.xml", "表", ".xlsx")],
)
def test_an_office_document_is_known_by_its_content(part: str, name: str, suffix: str) -> None:
    found = check_file(office("[Content_Types].xml", part, name=name))
    assert found.path.endswith(suffix)
    assert found.name.endswith(suffix)
    assert (len(found.sha256), found.size > 0) == (64, True)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (office("word/document.xml", "word/vbaProject.bin"), "file_macros"),
        (office("something.txt"), "file_kind"),
        (SimpleUploadedFile("a.docx", b"PK\x03\x04broken"), "file_damaged"),
        (SimpleUploadedFile("a.exe", b"MZ\x90"), "file_kind"),
        (SimpleUploadedFile("a.docx", b""), "file_empty"),
    ],
)
def test_what_is_no_document_is_refused(file: SimpleUploadedFile, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        check_file(file)
    assert refused.value.code == code


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 1000)
    with pytest.raises(FileRefused) as refused:
        check_file(office("word/document.xml", content=bytes(2000)))
    assert refused.value.code == "file_unpacked"


def test_a_kind_that_was_not_asked_for_is_refused_by_name() -> None:
    with pytest.raises(FileRefused, match="文件须为PDF"):
        check_file(office("word/document.xml"), [PDF])
    assert check_file(office("word/document.xml"), [DOCX]).name == "a.docx"
