"""Font subsetting where the system lacks libharfbuzz-subset: the same HarfBuzz, from the uharfbuzz wheel.

WeasyPrint then falls back to fontTools, which takes 3 to 17 times as long and announces its own end. This replaces a
private method of WeasyPrint, whose version is pinned; a test prints through it.
"""

from __future__ import annotations

from typing import Any

DROPPED_TABLES = ("BASE", "DSIG", "EBDT", "EBLC", "EBSC", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "SVG ")


def use_where_needed() -> bool:
    """Put the replacement in when the system library is missing; return whether it was."""
    from weasyprint.pdf import fonts

    if fonts.harfbuzz_subset is not None:
        return False
    fonts.Font.subset = subset
    return True


def subset(font: Any, to_unicode: dict[int, str], hinting: bool) -> None:
    """Keep in `font.file_content` only the glyphs that `to_unicode` names, under their numbers."""
    import uharfbuzz as hb

    if not to_unicode:
        return
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(sorted(to_unicode))
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES)
    flags = (
        hb.SubsetFlags.RETAIN_GIDS | hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.PASSTHROUGH_UNRECOGNIZED
    )
    if not hinting:
        flags |= hb.SubsetFlags.NO_HINTING
    if font.missing:
        flags |= hb.SubsetFlags.NOTDEF_OUTLINE
    wanted.flags = flags
    face = hb.Face(hb.Blob(font.file_content), font.index)
    font.file_content = bytes(hb.subset(face, wanted).blob.data)
