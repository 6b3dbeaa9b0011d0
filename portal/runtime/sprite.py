"""The icons the pages use, as one SVG file: `<use href="…/icons.svg#name">` shows one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

BODY = re.compile(r"<svg[^>]*>(?P<body>.*)</svg>", re.DOTALL)
# A bounding box without paint, which every icon begins with.
FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')


def sprite(icons: Path, names: Iterable[str]) -> str:
    """Return the sprite of icons `names` (`name`, or `name-filled`) from the package's folder `icons`.

    Raises RuntimeError that names the ones which do not exist.
    """
    wanted = sorted(set(names))
    unknown = [name for name in wanted if not _file(icons, name).exists()]
    if unknown:
        raise RuntimeError(f"static/icons.txt names icons that Tabler does not have: {', '.join(unknown)}")
    symbols = "\n".join(_symbol(name, _file(icons, name).read_text(encoding="utf-8")) for name in wanted)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def _file(icons: Path, name: str) -> Path:
    if name.endswith("-filled"):
        return icons / "filled" / f"{name.removesuffix('-filled')}.svg"
    return icons / "outline" / f"{name}.svg"


def _symbol(name: str, svg: str) -> str:
    """Return the icon as a symbol. How it is drawn stands here: the page's style sheet does not reach into the file."""
    found = BODY.search(svg)
    if found is None:
        raise RuntimeError(f"the icon {name} is not an SVG drawing")
    body = " ".join(FRAME.sub("", found["body"]).split())
    paint = (
        'fill="currentColor"'
        if name.endswith("-filled")
        else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{body}</symbol>'
