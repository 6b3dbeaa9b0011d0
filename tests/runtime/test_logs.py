import json
import logging

import pytest
import structlog

from portal.logs import json_formatter, mask_numbers


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("证件号 11010519491231002X 重复", "证件号 110105********002X 重复"),
        ("mobile=13812345678", "mobile=138****5678"),
        ("order 1381234567890 stays", "order 1381234567890 stays"),
        ("uuid 3f13812345678aa stays", "uuid 3f13812345678aa stays"),
    ],
)
def test_personal_numbers_are_starred_out(text: str, masked: str) -> None:
    assert mask_numbers(text) == masked


def test_a_line_of_the_standard_library_is_one_json_object_with_the_request_id() -> None:
    record = logging.LogRecord("portal.test", logging.WARNING, "", 0, "号码 %s", ("13812345678",), None)
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        line = json.loads(json_formatter().format(record))
    assert line["event"] == "号码 138****5678"
    assert (line["level"], line["logger"], line["request_id"]) == ("warning", "portal.test", "abc")
    assert line["timestamp"].endswith("Z")


def test_the_trace_of_an_exception_is_in_the_line_and_masked() -> None:
    try:
        int("11010519491231002X")
    except ValueError as error:
        record = logging.LogRecord("portal", logging.ERROR, "", 0, "failed", None, (type(error), error, None))
    line = json_formatter().format(record)
    assert "110105********002X" in json.loads(line)["exception"]
