"""Papers: a print run of 300 forms, as the portal does it, beside bare WeasyPrint over the same HTML.

Both have two warm processes, take turns three times in the same run, and are told as medians. The bare limit lays out the
same HTML with the same style and fonts, in files of as many forms as our chunks, and does nothing else: no database, no
templates, no codes, no joining. A second limit writes one file a form, as WeasyPrint is usually called.

`bin/bench papers 60` prints sixty forms.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

REPEATS, PROCESSES = 3, 2
FORMS = int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdecimal() else 300
PREFERRED = "enrollment.recommendation_form"
SPECIMEN = "bench.specimen"


class Worker:
    """A process that does one kind of work when told, and says at the end how much memory it had at most."""

    def __init__(self, context: Any, work: Callable[[Any], None]) -> None:
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_serve, args=(other, work))
        self.process.start()
        self.pipe.recv()

    def tell(self, task: Any) -> None:
        self.pipe.send(task)

    def wait(self) -> None:
        self.pipe.recv()

    def end(self) -> int:
        """Stop the process and return its peak memory in MiB."""
        self.pipe.send(None)
        peak: int = self.pipe.recv()
        self.process.join()
        return peak


def _serve(pipe: Connection, work: Callable[[Any], None]) -> None:
    import django

    django.setup()
    _register_specimen()
    from portal.papers.render import engine
    from portal.papers.specimen import specimen_html

    list(engine().write_in_files([specimen_html(1)]))
    pipe.send("warm")
    while (task := pipe.recv()) is not None:
        work(task)
        pipe.send("done")
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def print_chunks(batch_id: int) -> None:
    """Our work, as a worker of the portal does it."""
    from portal.papers.services.printing import print_free_chunk

    while print_free_chunk(batch_id):
        pass


def bare(task: tuple[Sequence[str], int]) -> None:
    """WeasyPrint alone: lay out and write, so many forms a file."""
    from weasyprint import HTML

    from portal.papers import engine

    htmls, per_file = task
    for start in range(0, len(htmls), per_file):
        documents = [
            HTML(string=html).render(font_config=engine._fonts, stylesheets=[engine._css])
            for html in htmls[start : start + per_file]
        ]
        documents[0].copy([page for document in documents for page in document.pages]).write_pdf()


def _register_specimen() -> None:
    """A kind that prints the specimen for each teacher, for when no app has registered the real form."""
    from portal.accounts.roles import STAFF
    from portal.papers.kinds import Facts, PaperKind, has_kind, register_kind
    from portal.papers.specimen import TEMPLATE, specimen
    from portal.people.models import Teacher

    def contexts(teachers: Sequence[Teacher]) -> list[dict[str, Any]]:
        found = [specimen(teacher.pk) | {"name": teacher.name} for teacher in teachers]
        return [{key: value for key, value in each.items() if key != "paper"} for each in found]

    def facts(teacher: Teacher) -> Facts:
        return Facts(title="教师培训学员推荐表", number=str(teacher.pk), holder=teacher.name)

    if not has_kind(SPECIMEN):
        rows = Teacher.objects.all
        register_kind(PaperKind(SPECIMEN, "样张", TEMPLATE, STAFF, rows=rows, context=contexts, facts=facts))


def choose() -> tuple[str, Any, list[int]]:
    """The kind to print, somebody who may, and the subjects."""
    from portal.accounts.models import Membership
    from portal.accounts.roles import OFFICE
    from portal.operations.actor import Actor
    from portal.papers.kinds import find_kind, has_kind

    offices = Membership.objects.current().select_related("user", "organization").filter(role__in=OFFICE)
    for code in filter(has_kind, (PREFERRED, SPECIMEN)):
        kind = find_kind(code)
        for membership in offices.filter(role__in=kind.roles).order_by("organization__path", "pk")[:20]:
            actor = Actor.of(membership)
            subjects = list(kind.rows().visible_to(actor).order_by("pk").values_list("pk", flat=True)[:FORMS])
            if len(subjects) == FORMS:
                return code, actor, subjects
    raise SystemExit(f"The database holds nobody who may print {FORMS} forms: load the demo first.")


def htmls_of(code: str, subjects: Sequence[int]) -> list[str]:
    """The HTML of the forms, as a run makes it, with codes of their own."""
    from django.template.loader import render_to_string

    from portal.papers.kinds import find_kind
    from portal.papers.services import issuing
    from portal.papers.specimen import specimen

    kind = find_kind(code)
    found = kind.rows().in_bulk(subjects)
    drafts = issuing.draft(kind, [found[subject] for subject in subjects])
    return [
        render_to_string(kind.template, {**each.context, "paper": specimen(number)["paper"]})
        for number, each in enumerate(drafts)
    ]


def run_ours(workers: Sequence[Worker], code: str, actor: Any, subjects: Sequence[int]) -> float:
    """Seconds from the order to the finished file; what was made is removed again."""
    from portal.papers import files
    from portal.papers.models import IssuedPaper
    from portal.papers.services import assembling
    from portal.papers.services.starting import print_papers

    last = IssuedPaper.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    started = time.perf_counter()
    batch = print_papers(actor, None, kind=code, subjects=subjects, at_once=True)
    _all_do(workers, [batch.pk] * len(workers))
    batch = assembling.assemble(batch.pk)
    spent = time.perf_counter() - started
    if batch.pages < len(subjects):
        raise SystemExit(f"{batch.pages} pages for {len(subjects)} forms")
    shutil.rmtree(files.folder(batch))
    batch.delete()
    IssuedPaper.objects.filter(pk__gt=last).delete()
    return spent


def run_bare(workers: Sequence[Worker], htmls: Sequence[str], per_file: int) -> float:
    """Seconds of WeasyPrint alone over the same forms, split evenly."""
    half = -(-len(htmls) // len(workers))
    started = time.perf_counter()
    _all_do(workers, [(htmls[start : start + half], per_file) for start in range(0, len(htmls), half)])
    return time.perf_counter() - started


def _all_do(workers: Sequence[Worker], tasks: Sequence[Any]) -> None:
    for worker, task in zip(workers, tasks, strict=True):
        worker.tell(task)
    for worker in workers:
        worker.wait()


def main() -> None:
    import django

    django.setup()
    from portal.papers.services.starting import CHUNK

    _register_specimen()
    code, actor, subjects = choose()
    htmls = htmls_of(code, subjects)
    context = multiprocessing.get_context("spawn")
    ours, limit = ([Worker(context, work) for _ in range(PROCESSES)] for work in (print_chunks, bare))
    times: dict[str, list[float]] = {"ours": [], "books": [], "singles": []}
    for _repeat in range(REPEATS):
        times["ours"].append(run_ours(ours, code, actor, subjects))
        times["books"].append(run_bare(limit, htmls, CHUNK))
        times["singles"].append(run_bare(limit, htmls, 1))
    peaks = {"ours": max(each.end() for each in ours), "bare": max(each.end() for each in limit)}
    report(code, times, peaks)


def report(code: str, times: dict[str, list[float]], peaks: dict[str, int]) -> None:
    median = {name: statistics.median(all_times) for name, all_times in times.items()}
    print(f"{FORMS} forms of {code}, {PROCESSES} processes, median of {REPEATS}, seconds (all):")
    for name, words in (
        ("ours", "print run, order to file"),
        ("books", "bare WeasyPrint, same files"),
        ("singles", "bare WeasyPrint, a file a form"),
    ):
        each = ", ".join(f"{seconds:.1f}" for seconds in times[name])
        print(f"  {words:32} {median[name]:6.1f}  ({each})  {FORMS / median[name]:5.1f} forms/s")
    ratio, singles = (_share(times[name], times["ours"]) for name in ("books", "singles"))
    print(f"  share of the limit: {ratio:.0%} of the same files, {singles:.0%} of a file a form")
    print(f"  peak memory of a worker: ours {peaks['ours']} MiB, bare {peaks['bare']} MiB")
    print(
        f"  target: at least 75 % and under 300 MiB: {'met' if ratio >= 0.75 and peaks['ours'] < 300 else 'MISSED'}"
    )


def _share(limit: Sequence[float], ours: Sequence[float]) -> float:
    """The median of what each repeat says: the machine's pace changes between them more than within one."""
    return statistics.median(bare / spent for bare, spent in zip(limit, ours, strict=True))


if __name__ == "__main__":
    main()
