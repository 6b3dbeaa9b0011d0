"""The fonts of the papers, made ready once: small everyday subsets first, the full fonts behind them.

Subsetting decides how fast a PDF is written. A form needs about 7,500 characters, the full fonts have 30,900; so forms are
set in a subset, and a rare character of a name costs one more font in the file instead of a blank box.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from xml.sax.saxutils import escape

from django.conf import settings

from portal.papers.charset import everyday

# Raise this when what `prepare` makes changes; machines then make their fonts again.
RECIPE = "1"
SERIF, SANS = "Portal Serif", "Portal Sans"
FEATURES = ("kern", "locl", "vert", "vrt2")
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
  <cachedir>{folder}/cache</cachedir>
  <alias><family>serif</family><prefer><family>Portal Serif</family><family>Noto Serif SC</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Portal Sans</family><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


def folder() -> Path:
    """The project's own font folder. A customer's licensed font (FangSong) may be laid beside ours."""
    return Path(settings.STATE_DIR) / "fonts"


def config_file() -> Path:
    """The fontconfig file that lists this folder alone, so that every machine prints the same."""
    return folder() / "fonts.conf"


def ready() -> bool:
    """Whether `prepare` has nothing to do."""
    stamp = folder() / "made-from"
    return stamp.exists() and stamp.read_text() == _recipe()


def prepare() -> bool:
    """Make the fonts if they are not there; return whether they were made. Safe to run at once from many processes."""
    if ready():
        return False
    folder().mkdir(parents=True, exist_ok=True)
    with _alone():
        if ready():
            return False
        for family, source in _sources().items():
            _place(folder() / source.name, source.read_bytes())
            _place(folder() / f"{family.replace(' ', '')}.otf", renamed(subset(source.read_bytes()), family))
        _place(config_file(), FONTS_CONF.format(folder=escape(str(folder()))).encode())
        _place(folder() / "made-from", _recipe().encode())
    return True


def subset(font: bytes) -> bytes:
    """Return the OpenType font with the everyday characters only."""
    import uharfbuzz as hb

    wanted = hb.SubsetInput()
    wanted.unicode_set.update(sorted(everyday()))
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in FEATURES)
    wanted.flags = hb.SubsetFlags.DESUBROUTINIZE | hb.SubsetFlags.NO_HINTING
    return bytes(hb.subset(hb.Face(hb.Blob(font)), wanted).blob.data)


def renamed(font: bytes, family: str) -> bytes:
    """Return the font under another family name, as the OFL asks of changed fonts."""
    from fontTools.ttLib import TTFont

    made = TTFont(io.BytesIO(font), lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    names = {1: family, 3: f"{family} {RECIPE}", 4: family, 6: f"{family.replace(' ', '')}-Regular"}
    for record in made["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())
    out = io.BytesIO()
    made.save(out, reorderTables=None)
    return out.getvalue()


def _sources() -> dict[str, Path]:
    import pylopdf_fonts_zh_cn as noto

    return {SERIF: noto.serif_path(), SANS: noto.sans_path()}


def _recipe() -> str:
    made_from = f"{RECIPE} {version('pylopdf-fonts-zh-cn')} {folder()}"
    return hashlib.sha256(made_from.encode()).hexdigest()


def _place(path: Path, content: bytes) -> None:
    """Write the whole file or nothing."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one process at a time make the fonts; the lock falls with the process that holds it."""
    with (folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
