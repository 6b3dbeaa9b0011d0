"""Which worksheets a workbook shows, and where their parts are."""

from __future__ import annotations

from collections.abc import Iterator
from xml.parsers.expat import ParserCreate
from zipfile import ZipFile

MAX_SHEETS = 20


def visible_parts(archive: ZipFile) -> list[tuple[str, str]]:
    """(sheet's name, its part in the archive) of the visible worksheets, in order. Raises KeyError, ExpatError."""
    targets = {
        each["Id"]: each["Target"]
        for name, each in _elements(archive.read("xl/_rels/workbook.xml.rels"))
        if name == "Relationship" and each["Type"].endswith("/worksheet")
    }
    return list(_sheets(archive.read("xl/workbook.xml"), targets))[:MAX_SHEETS]


def _sheets(workbook: bytes, targets: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, attributes in _elements(workbook):
        if name != "sheet" or attributes.get("state", "visible") != "visible":
            continue
        target = targets.get(attributes.get("id", ""))
        if target:
            yield attributes["name"], target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """(tag, attributes) of every element, names without their namespace."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.append((_local(tag), {_local(name): value for name, value in attributes.items()}))

    parser = ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return found


def _local(name: str) -> str:
    return name.rpartition("}")[2]
