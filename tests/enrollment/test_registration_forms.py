"""The recommendation form: filled from the record, approved by the school, verifiable, in three copies. CQ20-6.3."""

from io import BytesIO
from typing import Any

import pytest
from django.template.loader import render_to_string
from pypdf import PdfReader

from enrollment.models import Enrollment, SchoolOpinion
from enrollment.papers import form_context, form_facts, form_rows
from enrollment.printing import copies_of, print_form, print_forms
from enrollment.services.forms import approve_form
from enrollment.services.replacement import RECOMMENDATION_FORM, replace
from portal.accounts.models import Membership
from portal.accounts.roles import Role
from portal.errors import Invalid, NotAllowed, RuleBroken
from portal.operations.actor import Actor
from portal.papers.models import IssuedPaper, PaperState
from portal.papers.render import render_html
from portal.papers.services.downloading import result
from portal.people.models import Teacher
from tests.enrollment.enrolled import confirmed, enroll, fresh
from tests.enrollment.support import Scene
from tests.factories import make_actor
from tests.programs.world import make_class

WORDS = "师德良好，同意推荐。"


def printed(enrollment: Enrollment) -> dict[str, Any]:
    [context] = form_context([form_rows().get(pk=enrollment.pk)])
    return dict(context)


def pages(enrollment: Enrollment) -> list[str]:
    head = {"title": form_facts(form_rows().get(pk=enrollment.pk)).title, "number": "1", "code": "AB12"}
    html = render_to_string("papers/recommendation_form.html", {**printed(enrollment), "paper": head})
    return [page.extract_text() for page in PdfReader(BytesIO(render_html(html))).pages]


@pytest.mark.clause("CQ20-6.3")
def test_the_form_says_what_the_record_says(scene: Scene) -> None:
    made = make_class(scene.world, published=True)
    [trainee] = enroll(scene)
    said = printed(trainee)
    assert said["person"]["name"] == trainee.teacher.name
    assert said["person"]["id_number"] == trainee.teacher.id_number
    assert said["training"]["class"] == made.name
    assert said["superior"] == scene.bureau.name
    assert (said["opinion"], said["approved_on"]) == ("", None)


@pytest.mark.clause("CQ20-6.3")
def test_the_school_approves_and_the_form_carries_its_opinion(scene: Scene) -> None:
    [trainee] = enroll(scene)
    assert ("学校审核", "待学校审核") in form_facts(trainee).lines
    approve_form(scene.school_admin, trainee, opinion=WORDS)
    approve_form(scene.school_admin, fresh(trainee), opinion=WORDS + "情况属实。")
    assert SchoolOpinion.objects.get().opinion == WORDS + "情况属实。"
    assert printed(trainee)["opinion"] == WORDS + "情况属实。"
    assert ("学校审核", "已审核") in form_facts(form_rows().get(pk=trainee.pk)).lines


def test_only_the_trainees_own_school_approves(scene: Scene) -> None:
    [trainee] = enroll(scene)
    for actor in (make_actor(Role.SCHOOL_ADMIN), scene.clerk, scene.reviewer, scene.world.base_admin):
        with pytest.raises(NotAllowed):
            approve_form(actor, trainee, opinion=WORDS)


@pytest.mark.parametrize("words", ["", "  ", "好" * 201])
def test_an_opinion_has_between_one_and_two_hundred_characters(scene: Scene, words: str) -> None:
    [trainee] = enroll(scene)
    with pytest.raises(Invalid):
        approve_form(scene.school_admin, trainee, opinion=words)


def test_an_incomplete_record_or_someone_who_left_is_not_approved(scene: Scene) -> None:
    lacking, leaving = enroll(scene, scene.teacher(), scene.teacher())
    Teacher.objects.filter(pk=lacking.teacher_id).update(major="")
    with pytest.raises(RuleBroken, match="所学专业"):
        approve_form(scene.school_admin, fresh(lacking), opinion=WORDS)
    replace(scene.clerk, leaving, substitute=scene.teacher(), reason="因病")
    with pytest.raises(RuleBroken, match="更换"):
        approve_form(scene.school_admin, fresh(leaving), opinion=WORDS)


@pytest.mark.clause("CQ20-6.3")
def test_one_click_prints_three_copies_that_can_be_verified(scene: Scene) -> None:
    [trainee] = confirmed(scene)
    assert copies_of(trainee.rulebook) == 3
    batch = print_form(scene.school_admin, trainee)
    assert len(PdfReader(result(batch)).pages) == 3
    paper = IssuedPaper.objects.get()
    assert (paper.kind, paper.state) == (RECOMMENDATION_FORM, PaperState.VALID)
    assert trainee.teacher.name not in str(paper.facts)
    approve_form(scene.school_admin, trainee, opinion=WORDS)
    print_form(scene.school_admin, trainee)
    paper.refresh_from_db()
    assert paper.state == PaperState.SUPERSEDED


def test_the_form_of_someone_who_was_replaced_is_void(scene: Scene) -> None:
    [trainee] = confirmed(scene)
    print_form(scene.school_admin, trainee)
    replace(scene.clerk, trainee, substitute=scene.teacher(), reason="因病")
    assert IssuedPaper.objects.get().state == PaperState.REVOKED
    with pytest.raises(NotAllowed):
        print_form(scene.school_admin, fresh(trainee))


def test_a_trainee_prints_the_own_form_and_nobody_elses(scene: Scene) -> None:
    mine, theirs = confirmed(scene, scene.teacher(), scene.teacher())
    me = Actor.of(Membership.objects.get(user=mine.teacher.user, role=Role.TRAINEE))
    assert print_form(me, mine).total == 1
    with pytest.raises(NotAllowed):
        print_form(me, theirs)


@pytest.mark.clause("CQ20-6.3")
def test_a_school_prints_all_its_people_in_one_run(scene: Scene) -> None:
    rows = confirmed(scene, scene.teacher(), scene.teacher(), scene.teacher(scene.other_school))
    batch = print_forms(scene.school_admin, Enrollment.objects.visible_to(scene.school_admin), copies=2)
    assert (batch.total, batch.copies) == (2, 2)
    assert print_forms(scene.clerk, Enrollment.objects.all(), copies=1).total == len(rows)


def test_long_names_rare_characters_and_empty_fields_stay_on_one_page(scene: Scene) -> None:
    person = scene.teacher(
        name="阿卜杜热西提·买买提吐尔逊𬱖", email="", post="", achievements="", resume="2005年至今　现单位"
    )
    [trainee] = enroll(scene, person)
    [page] = pages(trainee)
    assert "吐尔逊" in page.replace("\n", "")
    assert "待学校审核" in page


def test_a_long_resume_takes_a_second_page_and_not_a_third(scene: Scene) -> None:
    person = scene.teacher(
        resume="\n".join(["2005年至2006年　演示学校　教师"] * 18), achievements="课题。" * 150
    )
    [trainee] = enroll(scene, person)
    assert len(pages(trainee)) == 2


def test_forms_of_three_cost_no_more_queries_than_of_one(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    enroll(scene, scene.teacher(), scene.teacher(), scene.teacher())
    for most in (1, 3):
        with django_assert_num_queries(2):
            assert len(form_context(list(form_rows()[:most]))) == most
