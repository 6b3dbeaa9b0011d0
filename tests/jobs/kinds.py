"""Kinds of work for the tests; a worker process includes this module."""

from __future__ import annotations

import time
from pathlib import Path

from portal.errors import RuleBroken
from portal.jobs.services import Run, job_kind


@job_kind("tests.lines", "写行")
def lines(run: Run) -> str:
    """Write a line a unit into a file, beginning behind those that are done."""
    given = run.job.parameters
    with Path(given["file"]).open("a") as file:
        for unit in range(run.job.done, given["units"]):
            file.write(f"{unit}\n")
            file.flush()
            run.advance(unit + 1, given["units"])
            time.sleep(given.get("seconds", 0))
    return "/result/"


@job_kind("tests.refused", "被拒")
def refused(run: Run) -> str:
    raise RuleBroken("名额已用完，请先申请追加。")


@job_kind("tests.broken", "出错")
def broken(run: Run) -> str:
    raise ZeroDivisionError


@job_kind("tests.firm", "不可取消", cancellable=False)
def firm(run: Run) -> str:
    run.advance(1, 1)
    return ""
