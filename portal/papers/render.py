"""A template and a context become a PDF."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.papers import fonts, libraries


class PdfUnavailable(DomainError):
    """This machine lacks a library without which nothing can be printed."""

    default_code = "pdf_unavailable"


def render(template: str, context: Mapping[str, Any]) -> bytes:
    """Return the PDF of `template` (it extends `papers/base.html`). Raises PdfUnavailable."""
    return render_html(render_to_string(template, dict(context)))


def render_html(html: str) -> bytes:
    """Return the PDF of one HTML document. Raises PdfUnavailable."""
    pdf: bytes = next(engine().write_in_files([html]))[0]
    return pdf


def require_pdf() -> None:
    """Raise PdfUnavailable, with what to do, when this machine cannot print."""
    if not libraries.pdf_available():
        raise PdfUnavailable(
            _(
                "本服务器缺少 PDF 组件（%(missing)s），暂时不能生成打印文件。请系统管理员执行：%(remedy)s，然后重启服务。"
            )
            % {"missing": "、".join(libraries.missing()), "remedy": libraries.remedy()}
        )


def engine() -> ModuleType:
    """The printing engine with the project's fonts; the first call takes about two seconds. Raises PdfUnavailable."""
    require_pdf()
    return _engine()


@cache
def _engine() -> ModuleType:
    fonts.prepare()
    # It tells seven steps of every paper; what goes wrong is told by the logger above it.
    logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
    os.environ["FONTCONFIG_FILE"] = str(fonts.config_file())
    with warnings.catch_warnings():
        # It says that libharfbuzz-subset is missing; the next line is our answer to that.
        warnings.filterwarnings("ignore", "HarfBuzz-Subset", DeprecationWarning)
        from portal.papers import engine, subsetter
    subsetter.use_where_needed()
    return engine
