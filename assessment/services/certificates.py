"""Giving certificates their numbers. Text and numbering are data of the notice file (domain facts §2.9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from string import Formatter

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessment.models import Certificate, CertificateBook, ClassResults
from portal.accounts.roles import Role
from portal.errors import RuleBroken
from portal.operations.act import Act
from portal.operations.registry import operation
from portal.operations.scope import own
from portal.organizations.models import Organization
from portal.rulebook.facts import fact
from programs.models import Program

CERTIFICATE = "assessment.certificate"


def unknown_words(known: Iterable[str]) -> Callable[[str], str]:
    """What is wrong with a pattern that names other words than `known`, in braces; "" when nothing is."""

    def problem(pattern: str) -> str:
        sample = dict.fromkeys(known, 1)
        try:
            named = {name for _text, name, *_rest in Formatter().parse(pattern) if name is not None}
            pattern.format(**sample)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError):
            named = {""}
        if named <= set(sample):
            return ""
        return _("只能引用：%(names)s") % {"names": "、".join(f"{{{name}}}" for name in sample)}

    return problem


NUMBER = fact(
    "certificate_number",
    gettext_lazy("证书编号方式"),
    "",
    hint=gettext_lazy("{year}年份、{institution}基地代号、{serial}流水号"),
    problem=unknown_words(("year", "institution", "serial")),
)


@operation(
    "assessment.issue_certificates",
    gettext_lazy("发放结业证书"),
    roles=[Role.BASE_ADMIN],
    scope=own("training_class.base"),
    clauses=["CQ20-3.6"],
    system=True,
)
def issue_certificates(act: Act, results: ClassResults) -> list[Certificate]:
    """Number a certificate for each passed trainee who has none, in the order of names, and tell them.

    One whose certificate was void and who passes again keeps the number. Raises RuleBroken when there is nobody, or
    the notice gives no numbering.
    """
    program = results.training_class.project.program
    pattern = NUMBER.of(program.rulebook)
    if not pattern:
        raise RuleBroken(
            _("通知未规定证书编号方式，请项目办在“通知与规则”的“时限与其他事项”中补充。"), code="no_numbering"
        )
    book = lock_book(program, results.training_class.base)
    again = list(
        Certificate.objects.filter(result__results=results, result__passed=True).exclude(revoked_at=None)
    )
    Certificate.objects.filter(pk__in=[each.pk for each in again]).update(revoked_at=None)
    rows = results.rows.filter(passed=True, certificate=None)
    wanted = list(
        rows.select_related("enrollment__teacher__user").order_by("enrollment__teacher__sort_key", "pk")
    )
    if not wanted and not again:
        raise RuleBroken(_("没有可发证的学员：合格学员的证书都已发放。"), code="none_left")
    made = Certificate.objects.bulk_create(
        Certificate(
            result=each,
            book=book,
            serial=serial,
            number=pattern.format(year=program.year, institution=book.code, serial=serial),
            issued_on=act.today,
        )
        for serial, each in enumerate(wanted, book.last + 1)
    )
    CertificateBook.objects.filter(pk=book.pk).update(last=book.last + len(made))
    act.changed(results, after={"certificates": len(made) + len(again)})
    act.list_rows({"number": each.number} for each in made)
    _tell(act, made)
    return [*made, *again]


def lock_book(program: Program, base: Organization) -> CertificateBook:
    """The base's block of numbers, held until the transaction ends; a new base gets the next code.

    The programme's row is locked first, so that two new bases do not take one code.
    """
    Program.objects.select_for_update().get(pk=program.pk)
    rows = CertificateBook.objects.filter(program=program)
    found = rows.select_for_update().filter(base=base).first()
    if found is not None:
        return found
    code = (rows.aggregate(most=Max("code"))["most"] or 0) + 1
    return CertificateBook.objects.create(program=program, base=base, code=code)


def _tell(act: Act, made: list[Certificate]) -> None:
    for each in made:
        user = each.result.enrollment.teacher.user
        if user is not None:
            url = reverse("assessment:result", args=[each.result_id])
            act.tell([user], _("您的结业证书已发放，可下载"), body=each.number, url=url)
