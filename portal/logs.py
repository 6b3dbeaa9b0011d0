"""Logs as one JSON object a line, with the request's or task's id, and without personal numbers."""

from __future__ import annotations

import logging
import re

import structlog
from structlog.typing import Processor

# An ID number and a mobile number, wherever they got into a log line: an exception's text, an address, an SQL error.
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
MOBILE_NUMBER = re.compile(r"(?<![0-9A-Za-z])(1[3-9]\d)\d{4}(\d{4})(?![0-9A-Za-z])")

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def mask_numbers(text: str) -> str:
    """Return `text` with the middle of ID numbers and mobile numbers starred out."""
    return MOBILE_NUMBER.sub(r"\1****\2", ID_NUMBER.sub(r"\1********\2", text))


def render_json(logger: object, name: str, event: structlog.typing.EventDict) -> str:
    """Return the line of an event."""
    rendered = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)(logger, name, event)
    return mask_numbers(rendered if isinstance(rendered, str) else rendered.decode())


def json_formatter() -> logging.Formatter:
    """Return the formatter of the LOGGING setting; it renders structlog's events and the standard library's alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            render_json,
        ],
    )


def configure() -> None:
    """Let structlog hand its events to the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
