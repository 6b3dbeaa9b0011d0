"""The pages of registration: a trainee's way on the phone, the clerks' queues, who sees what. CQ20-3.3, CQ20-A6."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from enrollment.attempts import BY_CODE
from enrollment.codes import shown
from enrollment.models import Enrollment, EnrollmentState, Nomination, NominationState
from portal.accounts.roles import Role
from portal.jobs.models import Job
from portal.operations.actor import Actor
from portal.people.models import Teacher
from tests.enrollment.enrolled import confirmed, enroll, fresh, issue_to, registered
from tests.enrollment.support import Scene
from tests.factories import PASSWORD, make_actor
from tests.programs.world import as_actor, make_class

ACCOUNT = {"password": PASSWORD, "again": PASSWORD, "username": ""}


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    cache.clear()


def opened(scene: Scene, trainee: Enrollment) -> Client:
    """A phone on which the code was typed and the number's end proven."""
    client = Client()
    code = issue_to(scene, trainee)
    given = {"code": shown(code).lower(), "tail": trainee.teacher.id_number[-4:], "name": ""}
    answer = client.post(reverse("enrollment:register"), given)
    assert answer.headers["Location"] == reverse("enrollment:register_account")
    return client


@pytest.mark.clause("CQ20-3.3")
def test_a_trainee_registers_on_the_phone_and_lands_on_their_training(scene: Scene) -> None:
    [trainee] = enroll(scene)
    client = opened(scene, trainee)
    page = client.get(reverse("enrollment:register_account")).content.decode()
    assert trainee.school.name in page
    assert trainee.teacher.name not in page
    home = client.post(reverse("enrollment:register_account"), ACCOUNT, follow=True)
    assert home.status_code == 200
    assert "基地确认" in home.content.decode()
    assert fresh(trainee).state == EnrollmentState.REGISTERED


def test_a_wrong_code_is_refused_beside_its_field(scene: Scene) -> None:
    [trainee] = enroll(scene)
    issue_to(scene, trainee)
    answer = Client().post(reverse("enrollment:register"), {"code": "0" * 15 + "1", "tail": "1234"})
    assert answer.status_code == 422
    assert "组有误" in answer.content.decode()


def test_who_tries_too_often_is_asked_to_wait(scene: Scene) -> None:
    given = {"code": "0000000000000000", "tail": "1234"}
    answers = [Client().post(reverse("enrollment:register"), given) for _try in range(BY_CODE + 1)]
    assert answers[-1].status_code == 429
    assert "10分钟" in answers[-1].content.decode()


def test_without_a_proven_code_there_is_no_account_page(db: None) -> None:
    answer = Client().get(reverse("enrollment:register_account"))
    assert answer.headers["Location"] == reverse("enrollment:register")


def test_two_passwords_that_differ_make_no_account(scene: Scene) -> None:
    [trainee] = enroll(scene)
    client = opened(scene, trainee)
    answer = client.post(reverse("enrollment:register_account"), {**ACCOUNT, "again": "other"})
    assert answer.status_code == 422
    assert fresh(trainee).state == EnrollmentState.APPROVED


def test_who_has_an_account_signs_in_and_joins(scene: Scene) -> None:
    [first] = registered(scene)
    [nomination] = scene.submitted(first.teacher, project=scene.world.project("P2"))
    scene.decided(nomination, "approve")  # type: ignore[arg-type]
    second = fresh(Enrollment.objects.get(nomination=nomination))
    client = opened(scene, second)
    assert "原账号登录" in client.get(reverse("enrollment:register_account")).content.decode()
    account = Actor.of(first.teacher.user.memberships.get())  # type: ignore[union-attr]
    mine = as_actor(account)
    session = mine.session
    session["registering"] = client.session["registering"]
    session.save()
    mine.post(reverse("enrollment:register_join"))
    assert fresh(second).state == EnrollmentState.REGISTERED


@pytest.mark.clause("CQ20-A6")
def test_the_guide_is_open_to_everybody_and_tells_every_step(db: None) -> None:
    page = Client().get(reverse("enrollment:guide")).content.decode()
    for step in ("附件6", "打开报名页面", "核对身份", "设置密码", "补全个人信息", "等待确认", "打印推荐表"):
        assert step in page
    for need in (
        "输入16位验证码",
        "身份证件号后4位",
        "培训基地、项目办先后确认",
        "一式三份",
        reverse("enrollment:register"),
    ):
        assert need in page


@pytest.mark.clause("CQ20-3.3")
def test_base_and_office_confirm_from_their_queues(scene: Scene) -> None:
    rows = registered(scene, scene.teacher(), scene.teacher())
    queue = reverse("enrollment:confirmations")
    for actor, verb in ((scene.world.base_admin, "confirm_base"), (scene.reviewer, "confirm_office")):
        client = as_actor(actor)
        assert rows[0].teacher.name in client.get(queue).content.decode()
        client.post(queue, {"register": "enrollment.confirmations", "do": verb, "all": "1"})
    assert {fresh(each).state for each in rows} == {EnrollmentState.CONFIRMED}


def test_the_record_shows_what_each_may_do(scene: Scene) -> None:
    [trainee] = confirmed(scene)
    url = reverse("enrollment:enrollment", args=[trainee.pk])
    words = {
        scene.clerk: "更换学员",
        scene.school_admin: "审核推荐表",
        scene.reviewer: "编入班级",
        scene.world.base_admin: "编入班级",
    }
    for actor, word in words.items():
        assert word in as_actor(actor).get(url).content.decode()


def test_pages_that_ask_for_more_carry_out_what_was_asked(scene: Scene) -> None:
    made = make_class(scene.world, published=True)
    sent, kept = registered(scene, scene.teacher(), scene.teacher())
    base = as_actor(scene.world.base_admin)
    base.post(reverse("enrollment:send_back", args=[sent.pk]), {"reason": "请补充"})
    assert fresh(sent).state == EnrollmentState.APPROVED
    base.post(reverse("enrollment:place", args=[kept.pk]), {"training_class": made.pk})
    assert fresh(kept).training_class == made
    base.post(reverse("enrollment:confirm", args=[kept.pk]))
    assert fresh(kept).state == EnrollmentState.BASE_CONFIRMED
    school = as_actor(scene.school_admin)
    school.post(reverse("enrollment:approve_form", args=[kept.pk]), {"opinion": "同意推荐。"})
    assert hasattr(Enrollment.objects.get(pk=kept.pk), "school_opinion")
    base.post(reverse("enrollment:class_code", args=[made.pk]))
    assert "班级验证码" in base.get(reverse("programs:class", args=[made.pk])).content.decode()


@pytest.mark.clause("CQ20-3.4")
def test_a_clerk_replaces_on_the_page_and_sends_another(scene: Scene) -> None:
    [trainee] = enroll(scene)
    person, other = scene.teacher(), scene.teacher()
    client, url = as_actor(scene.clerk), reverse("enrollment:replace", args=[trainee.pk])
    assert person.name in client.get(url).content.decode()
    assert client.post(url, {"reason": "因病"}).status_code == 422
    client.post(url, {"reason": "因病", "substitute": person.pk})
    first = Nomination.objects.get(teacher=person)
    scene.decided(first, "reject", "不符合条件")  # type: ignore[arg-type]
    assert "另派替换学员" in client.get(reverse("enrollment:enrollment", args=[trainee.pk])).content.decode()
    assert f"{trainee.project.code}：替换" in client.get("/").content.decode()
    client.post(url, {"reason": "再派", "substitute": other.pk})
    second = Nomination.objects.get(teacher=other)
    assert second.state == NominationState.SUBMITTED
    scene.decided(second, "reject", "不符合条件")  # type: ignore[arg-type]
    client.post(reverse("enrollment:give_up", args=[trainee.pk]), {"reason": "没有人选"})
    assert fresh(trainee).state == EnrollmentState.WITHDRAWN


def test_codes_are_issued_to_a_school_from_the_page(scene: Scene) -> None:
    enroll(scene, scene.teacher(), scene.teacher(scene.other_school))
    client = as_actor(scene.clerk)
    page = reverse("enrollment:codes")
    assert scene.other_school.name in client.get(page).content.decode()
    client.post(page, {"school": scene.school.pk})
    job = Job.objects.get(kind="enrollment.codes")
    assert len(job.parameters["enrollments"]) == 1
    assert client.get(reverse("enrollment:codes_issued", args=[job.pk])).status_code == 200
    assert as_actor(scene.approver).get(reverse("enrollment:codes_issued", args=[job.pk])).status_code == 404


@pytest.mark.parametrize(
    "role",
    [Role.SCHOOL_ADMIN, Role.COLLEGE_ADMIN, Role.BUREAU_CLERK, Role.BASE_ADMIN, Role.TRAINEE, Role.EXPERT],
)
@pytest.mark.parametrize("name", ["enrollment", "send_back", "place", "replace", "give_up", "approve_form"])
def test_a_stranger_finds_nothing(scene: Scene, role: Role, name: str) -> None:
    [trainee] = enroll(scene)
    answer = as_actor(make_actor(role)).get(reverse(f"enrollment:{name}", args=[trainee.pk]))
    assert answer.status_code in {403, 404}
    assert trainee.teacher.name not in answer.content.decode()


def test_the_trainees_home_lists_what_is_missing(scene: Scene) -> None:
    [trainee] = registered(scene)
    Teacher.objects.filter(pk=trainee.teacher_id).update(major="")
    me = as_actor(Actor.of(trainee.teacher.user.memberships.get()))  # type: ignore[union-attr]
    assert "所学专业" in me.get(reverse("enrollment:trainee")).content.decode()
    assert "请补全个人信息" in me.get("/").content.decode()


def test_the_api_lists_and_confirms_like_the_pages(scene: Scene) -> None:
    [trainee] = registered(scene)
    base = as_actor(scene.world.base_admin)
    assert base.get("/api/v1/enrollments/").json()["results"][0]["id"] == trainee.pk
    given = {"enrollments": [trainee.pk]}
    answer = base.post("/api/v1/enrollments/confirm_by_base/", given, content_type="application/json")
    assert answer.json() == {"confirmed": 1}
    again = base.post("/api/v1/enrollments/confirm_by_base/", given, content_type="application/json")
    assert again.json()["code"] == "none_waiting"
