"""Certificates, the second part of annex 5 and the national export. CQ20-3.6, CQ20-5.4, CQ20-6.3."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from assessment import national as layout
from assessment.models import BaseOpinion, Certificate, CertificateBook, ClassResults, ExportLayout
from assessment.papers.results import certificate_contexts, certificate_facts, certificate_rows, unit_contexts
from assessment.services.certificates import CERTIFICATE, issue_certificates
from assessment.services.correcting import correct_result
from assessment.services.national import arrange_export, columns_of, export_national, mark_imported
from assessment.services.opinions import return_forms, write_opinion, write_opinions
from enrollment.papers import form_context, form_rows
from enrollment.services.replacement import RECOMMENDATION_FORM
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, RuleBroken, WrongState
from portal.messages.models import Message
from portal.operations.models import AuditEntry
from portal.papers.models import IssuedPaper, PaperBatch, PaperState
from portal.papers.render import render
from portal.papers.services.starting import print_one
from portal.papers.specimen import specimen
from programs.models import Deliverable
from tests.assessment.finished import Finished, fresh, graded_class, make_finished
from tests.factories import BaseFactory, make_actor
from tests.papers import pdf
from tests.programs.world import as_actor, moment, set_clock

pytestmark = pytest.mark.django_db
CERTIFICATE_TEMPLATE = "papers/certificate.html"


@pytest.fixture
def finished(db: None, monkeypatch: pytest.MonkeyPatch, settings: LazySettings, tmp_path: Path) -> Finished:
    settings.MEDIA_ROOT = tmp_path / "files"
    set_clock(monkeypatch, moment(10, 24))
    made = make_finished()
    set_clock(monkeypatch, moment(11, 20))
    return made


@pytest.fixture
def made(finished: Finished) -> ClassResults:
    return finished.published()


class TestCertificates:
    def test_passed_trainees_get_numbers_of_the_base_s_block_in_a_row(
        self, finished: Finished, made: ClassResults
    ) -> None:
        issue_certificates(finished.base, made)
        numbers = sorted(Certificate.objects.values_list("number", flat=True))
        assert numbers == [f"GP202001{serial:04d}" for serial in range(1, 5)]
        assert not Certificate.objects.filter(result__passed=False).exists()

    def test_the_next_class_goes_on_and_another_base_has_a_block_of_its_own(
        self, finished: Finished, made: ClassResults, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issue_certificates(finished.base, made)
        set_clock(monkeypatch, moment(10, 24))
        other = graded_class(finished.world, finished.school, ("pass",), code="P2", name="二班")
        set_clock(monkeypatch, moment(11, 20))
        from assessment.services.results import publish_results

        issue_certificates(finished.base, fresh(publish_results(finished.base, other)))
        assert Certificate.objects.latest("pk").number == "GP2020010005"
        from assessment.services.certificates import lock_book

        book = lock_book(finished.world.program, BaseFactory(parent=finished.world.city))
        assert (book.code, book.last) == (2, 0)

    def test_nobody_is_given_two(self, finished: Finished, made: ClassResults) -> None:
        issue_certificates(finished.base, made)
        with pytest.raises(RuleBroken, match="没有可发证"):
            issue_certificates(finished.base, made)
        one = Certificate.objects.order_by("pk")[0]
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.filter(pk=one.pk + 1).update(number=one.number)

    def test_a_notice_without_numbering_is_refused(self, finished: Finished, made: ClassResults) -> None:
        rulebook = made.training_class.rulebook
        rulebook.facts = {}
        rulebook.save(update_fields=["facts"])
        with pytest.raises(RuleBroken, match="编号方式"):
            issue_certificates(finished.base, fresh(made))

    def test_a_failed_one_loses_it_and_gets_the_same_number_back(
        self, finished: Finished, made: ClassResults
    ) -> None:
        issue_certificates(finished.base, made)
        result = finished.result()
        number = result.certificate.number
        print_one(finished.base, CERTIFICATE, result.certificate.pk)
        correct_result(finished.office, result, version=1, level=finished.level("fail"), reason="误评")
        paper = IssuedPaper.objects.get(kind=CERTIFICATE)
        assert (paper.state, Certificate.objects.standing().count()) == (PaperState.REVOKED, 3)
        result = finished.result("fail", finished.office)
        result = type(result).objects.get(certificate__number=number)
        from assessment.queries.results import one_result

        again = one_result(finished.office).get(pk=result.pk)
        correct_result(finished.office, again, version=2, level=finished.level("pass"), reason="核对无误")
        issue_certificates(finished.base, fresh(made))
        assert Certificate.objects.standing().get(result=result).number == number

    def test_it_says_what_the_notice_s_text_says(self, finished: Finished, made: ClassResults) -> None:
        issue_certificates(finished.base, made)
        row = certificate_rows().get(result=finished.result())
        (context,) = certificate_contexts([row])
        name = row.result.enrollment.teacher.name
        assert context["words"].startswith(
            f"{name}同志由{finished.world.city.name}选拔推荐，于2020年11月9日至2020年11月18日"
        )
        assert "共60学时，成绩合格。" in context["words"]
        assert certificate_facts(row).public()["holder"] == name[0] + "*" * (len(name) - 1)

    def test_it_is_one_page_on_its_side_however_long_the_names(
        self, finished: Finished, made: ClassResults
    ) -> None:
        issue_certificates(finished.base, made)
        (context,) = certificate_contexts([certificate_rows().get(result=finished.result())])
        long = {**context, "words": context["words"] + "研" * 60, "base": context["base"] + "基" * 30}
        printed = render(CERTIFICATE_TEMPLATE, {"paper": specimen(1)["paper"], **long})
        assert pdf.sizes(printed) == {(297, 210)}
        (text,) = pdf.texts(printed)
        assert "成绩合格" in text
        assert "第1页" not in text

    def test_the_trainee_downloads_the_own_one_and_anybody_verifies_it(
        self, finished: Finished, made: ClassResults
    ) -> None:
        issue_certificates(finished.base, made)
        result = finished.result()
        client = as_actor(finished.trainee_of(result))
        answer = client.post(reverse("assessment:print_certificate", args=[result.pk]))
        assert answer.headers["Location"] == PaperBatch.objects.get().get_absolute_url()
        paper = IssuedPaper.objects.get()
        page = client.get(reverse("papers:verify", args=[paper.code])).content.decode()
        assert result.certificate.number in page
        assert result.enrollment.teacher.id_number not in page
        other = next(each for each in Certificate.objects.all() if each.result_id != result.pk)
        refused = client.post(reverse("assessment:print_certificate", args=[other.result_id]))
        assert refused.status_code == 404

    def test_the_base_gives_and_prints_them_for_the_class(
        self, finished: Finished, made: ClassResults
    ) -> None:
        client, key = as_actor(finished.base), finished.training_class.pk
        client.post(reverse("assessment:issue_certificates", args=[key]))
        answer = client.post(reverse("assessment:print_certificates", args=[key]))
        batch = PaperBatch.objects.get()
        assert (answer.headers["Location"], batch.total) == (batch.get_absolute_url(), 4)


class TestForms:
    @pytest.mark.clause("CQ20-6.3")
    def test_the_finished_form_carries_the_base_s_opinion_to_trainee_school_and_office(
        self, finished: Finished, made: ClassResults
    ) -> None:
        result = finished.result()
        trainee = finished.trainee_of(result)
        print_one(finished.base, RECOMMENDATION_FORM, result.enrollment_id)
        with pytest.raises(RuleBroken, match="考核意见"):
            return_forms(finished.base, made)
        readers = [finished.school_admin, finished.office]
        count = write_opinions(finished.base, made, template="{姓名}考核{等级}，计{学时}学时。")
        assert count == return_forms(finished.base, fresh(made)) == 5
        (context,) = form_context([form_rows().get(pk=result.enrollment_id)])
        name = result.enrollment.teacher.name
        assert context["base_opinion"] == f"{name}考核合格，计60学时。"
        assert context["base_levels"] == [["优秀", False], ["合格", True], ["不合格", False]]
        for actor in (trainee, *readers):
            assert Message.objects.filter(recipient=actor.user, title__contains="推荐表").exists()
            page = as_actor(actor).get(reverse("assessment:result", args=[result.pk])).content.decode()
            assert context["base_opinion"] in page
        print_one(finished.base, RECOMMENDATION_FORM, result.enrollment_id)
        states = IssuedPaper.objects.filter(kind=RECOMMENDATION_FORM).order_by("pk")
        assert list(states.values_list("state", flat=True)) == [PaperState.SUPERSEDED, PaperState.VALID]

    def test_without_an_opinion_the_form_leaves_the_place_free(self, finished: Finished) -> None:
        (context,) = form_context([form_rows().all()[0]])
        assert "base_opinion" not in context

    def test_an_opinion_written_by_hand_stays_unless_it_is_to_be_overwritten(
        self, finished: Finished, made: ClassResults
    ) -> None:
        write_opinion(finished.base, finished.result(), opinion="刻苦好学")
        assert write_opinions(finished.base, made, template="{姓名}合格") == 4
        assert BaseOpinion.objects.filter(opinion="刻苦好学").count() == 1
        assert write_opinions(finished.base, made, template="{姓名}合格", overwrite=True) == 5
        assert not BaseOpinion.objects.filter(opinion="刻苦好学").exists()

    @pytest.mark.parametrize("template", ["", "{电话}", "{姓名", "长" * 301])
    def test_a_template_that_cannot_be_filled_is_refused(
        self, finished: Finished, made: ClassResults, template: str
    ) -> None:
        with pytest.raises(Invalid):
            write_opinions(finished.base, made, template=template)
        assert not BaseOpinion.objects.exists()

    def test_only_the_base_writes(self, finished: Finished, made: ClassResults) -> None:
        with pytest.raises(NotAllowed):
            write_opinion(finished.office, finished.result(), opinion="好")

    def test_the_pages_write_return_and_print(self, finished: Finished, made: ClassResults) -> None:
        client, key = as_actor(finished.base), finished.training_class.pk
        many = reverse("assessment:write_opinions", args=[key])
        assert client.get(many).status_code == 200
        assert client.post(many, {"template": "{电话}"}).status_code == 422
        client.post(many, {"template": "{姓名}考核{等级}"})
        one = reverse("assessment:write_opinion", args=[finished.result().pk])
        assert "考核合格" in client.get(one).content.decode()
        client.post(one, {"opinion": "表现突出"})
        client.post(reverse("assessment:return_forms", args=[key]))
        assert ClassResults.objects.get().forms_sent_at is not None
        client.post(reverse("assessment:print_result_forms", args=[key]))
        batch = PaperBatch.objects.get()
        assert (batch.total, batch.copies) == (5, 3)


class TestNationalExport:
    def test_the_sheet_has_the_field_set_of_the_national_system(
        self, finished: Finished, made: ClassResults
    ) -> None:
        with export_national(finished.base, made, reason="导入教师系统") as file:
            rows = [list(row) for row in load_workbook(file).active.iter_rows(values_only=True)]
        assert "导入教师系统" in rows[1][0]
        assert rows[2] == [str(layout.FIELDS[key][0]) for key in layout.STANDARD]
        by_name = {row[0]: row for row in rows[3:]}
        result = finished.result()
        row = by_name[result.enrollment.teacher.name]
        assert row[2] == result.enrollment.teacher.id_number
        assert row[3:9] == [
            "2020",
            "10-国家级",
            "演示项目P1",
            finished.world.base.name,
            "2-短期面授培训",
            "60",
        ]
        assert len(by_name) == 5

    def test_full_numbers_leave_only_with_a_reason_and_a_trace(
        self, finished: Finished, made: ClassResults
    ) -> None:
        with pytest.raises(Invalid, match="用途"):
            export_national(finished.base, made, reason="")
        export_national(finished.base, made, reason="导入").close()
        entry = AuditEntry.objects.filter(operation="assessment.export_national").latest("pk")
        assert (entry.reason, entry.after["count"], len(entry.rows)) == ("导入", 5, 5)
        assert finished.result().enrollment.teacher.id_number not in str(entry.rows)
        with pytest.raises(NotAllowed):
            export_national(finished.school_admin, made, reason="导入")
        other = make_actor(Role.BASE_ADMIN, BaseFactory(parent=finished.world.city))
        with pytest.raises(NotAllowed):
            export_national(other, made, reason="导入")

    def test_the_office_arranges_the_columns(self, finished: Finished, made: ClassResults) -> None:
        program = made.training_class.project.program
        client = as_actor(finished.office)
        url = reverse("assessment:export_layout", args=[program.pk])
        assert client.get(url).status_code == 200
        wanted = [*layout.REQUIRED[::-1], "certificate"]
        client.post(url, {key: place for place, key in enumerate(wanted, 1)})
        assert columns_of(program) == wanted
        with export_national(finished.base, made, reason="导入") as file:
            head = [cell.value for cell in list(load_workbook(file).active.rows)[2]]
        assert head == [str(layout.FIELDS[key][0]) for key in wanted]

    @pytest.mark.parametrize("columns", [["name"], [*layout.STANDARD, "name"], [*layout.STANDARD, "salary"]])
    def test_a_layout_that_the_system_would_refuse_is_refused(
        self, finished: Finished, made: ClassResults, columns: list[str]
    ) -> None:
        with pytest.raises(Invalid):
            arrange_export(finished.office, made.training_class.project.program, columns=columns)
        assert not ExportLayout.objects.exists()

    @pytest.mark.clause("CQ20-5.4")
    def test_what_is_imported_fulfils_what_the_base_owes(
        self, finished: Finished, made: ClassResults
    ) -> None:
        client, key = as_actor(finished.base), finished.training_class.pk
        client.post(reverse("assessment:mark_imported", args=[key]), {"note": "批次01"})
        owed = Deliverable.objects.get(training_class=key, requirement__code="results_import")
        assert (owed.handed_in, owed.late) == (1, False)
        assert "批次01" in owed.submissions.get().text
        with pytest.raises(WrongState):
            mark_imported(finished.base, fresh(made))

    @pytest.mark.parametrize(
        ("mode", "days", "code"),
        [
            ("集中面授", 10, layout.SHORT),
            ("集中面授", 31, layout.LONG),
            ("网络研修", 10, layout.ONLINE),
            ("集中面授与网络研修相结合", 10, layout.MIXED),
        ],
    )
    def test_the_way_of_training_has_the_system_s_code(
        self, finished: Finished, made: ClassResults, mode: str, days: int, code: str
    ) -> None:
        result = finished.result()
        result.enrollment.project.mode, result.enrollment.project.days = mode, days
        assert layout.mode_of(result) == code

    def test_the_page_downloads_it(self, finished: Finished, made: ClassResults) -> None:
        client = as_actor(finished.base)
        url = reverse("assessment:export_national", args=[finished.training_class.pk])
        assert client.get(url).status_code == 200
        assert client.post(url, {"reason": ""}).status_code == 422
        answer = client.post(url, {"reason": "导入"})
        assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
        assert answer.getvalue()
        answer.close()


def test_a_unit_s_report_lists_its_people_with_hours(finished: Finished, made: ClassResults) -> None:
    (context,) = unit_contexts([finished.bureau])
    assert context["totals"] == {
        "trainees": 5,
        "passed": 4,
        "excellent": 1,
        "hours": 240,
        "credits": context["totals"]["credits"],
    }
    assert len(context["rows"]) == 5
    assert str(CertificateBook(code=3, base=finished.world.base)).endswith("03")
