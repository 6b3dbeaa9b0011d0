"""Whether a teacher's data can stand: cleaned, completed by what follows from it, judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from portal.organizations.kinds import Kind
from portal.organizations.phones import check_mobile, clean_phone
from portal.organizations.problems import Problem, not_offered, refuse_blocking, too_long
from portal.people.codes import ETHNICITIES, TITLES, DocumentType, Gender, Stage
from portal.people.identity import birth_of, check_document, clean_number, gender_of
from portal.people.models import Teacher
from portal.text import normalise

IDENTITY_FIELDS = ("name", "document_type", "id_number")
# What a trainee may say of the own record; who one is and where one works is the school's to say.
OWN_FIELDS = (
    "gender",
    "birth_date",
    "ethnicity",
    "political_status",
    "education",
    "degree",
    "graduated_from",
    "major",
    "stage",
    "subject",
    "title",
    "title_level",
    "post",
    "teaching_since",
    "double_qualified",
    "phone",
    "email",
    "resume",
    "achievements",
)
DATA_FIELDS = (*IDENTITY_FIELDS, "national_code", *OWN_FIELDS, "in_national_system")
_UNKNOWN = Gender.UNKNOWN.value
_STAGES = {Kind.SCHOOL: Stage.SECONDARY_VOCATIONAL, Kind.COLLEGE: Stage.HIGHER_VOCATIONAL}


def clean_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return `data` (field of DATA_FIELDS → what was typed) as it is stored; a title brings its level.

    Raises TypeError for other fields.
    """
    if not data.keys() <= _CLEANERS.keys():
        unknown = sorted(data.keys() - _CLEANERS.keys())
        raise TypeError(f"not a field of a teacher's record: {', '.join(unknown)}")
    cleaned = {field: _CLEANERS[field](value) for field, value in data.items()}
    if "title" in cleaned and not cleaned.get("title_level"):
        cleaned["title_level"] = TITLES.get(cleaned["title"], "")
    return cleaned


def _as_typed(value: Any) -> Any:
    return value


def _line(value: Any) -> str:
    return normalise(str(value)) if value is not None else ""


def _lines(value: Any) -> str:
    return normalise(str(value), multiline=True) if value is not None else ""


_CLEANERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(DATA_FIELDS, _line),
    **dict.fromkeys(("resume", "achievements"), _lines),
    **dict.fromkeys(("birth_date", "teaching_since", "double_qualified", "in_national_system"), _as_typed),
    "id_number": clean_number,
    "phone": clean_phone,
}


def is_empty(value: Any) -> bool:
    """Whether a field says nothing; False is something said, an unknown sex is not."""
    return value is None or value == "" or value == _UNKNOWN  # noqa: PLR1714 - asked for every cell of a sheet


def complete_from_itself(teacher: Teacher) -> None:
    """Fill what follows from other fields and was not said: birth, sex, the stage."""
    number = teacher.id_number
    if teacher.document_type == DocumentType.RESIDENT_ID and len(number) == 18 and number[:17].isdecimal():
        teacher.birth_date = teacher.birth_date or birth_of(number)
        if is_empty(teacher.gender):
            teacher.gender = gender_of(number)
    teacher.gender = teacher.gender or Gender.UNKNOWN
    teacher.stage = teacher.stage or _STAGES.get(Kind(teacher.school.kind), "")


def problems_of(teacher: Teacher, today: date) -> list[Problem]:
    """What is wrong with the values themselves, errors and warnings. No queries."""
    return [
        *_name(teacher.name),
        *check_document(
            teacher.document_type,
            teacher.id_number,
            today=today,
            gender=teacher.gender,
            birth_date=teacher.birth_date,
        ),
        *too_long(teacher),
        *not_offered(teacher),
        *check_mobile(teacher.phone),
        *_email(teacher.email),
        *_ethnicity(teacher.ethnicity),
        *_teaching(teacher, today),
    ]


def _name(name: str) -> list[Problem]:
    return [] if name else [Problem("missing", _("未填写姓名。请填写。"), field="name")]


def _email(email: str) -> list[Problem]:
    if not email:
        return []
    try:
        validate_email(email)
    except ValidationError:
        return [Problem("email", _("邮箱格式不对，应形如name@example.com。请核对。"), field="email")]
    return []


def _ethnicity(code: str) -> list[Problem]:
    if not code or code in ETHNICITIES:
        return []
    return [Problem("ethnicity", _("民族不在国家标准代码表内。请从列表中选择。"), field="ethnicity")]


def _teaching(teacher: Teacher, today: date) -> list[Problem]:
    since, birth = teacher.teaching_since, teacher.birth_date
    if since and since > today:
        return [Problem("teaching", _("从教起始时间晚于今天。请核对。"), field="teaching_since")]
    if since and birth and since.year - birth.year < 16:
        message = _("从教起始时间距出生不足16年。请核对，无误可忽略。")
        return [Problem("teaching_early", message, blocks=False, field="teaching_since")]
    return []


def require_sound(teacher: Teacher, today: date) -> None:
    """Raise Invalid for a wrong value, or one by which another teacher is known. At most two queries."""
    refuse_blocking(problems_of(teacher, today))
    others = Teacher.objects.exclude(pk=teacher.pk).select_related("school").only("name", "school__name")
    same = others.with_number(teacher.document_type, teacher.id_number).first()
    if same is not None:
        message = _("此身份证件号已登记在“%(school)s”。同一人只能有一份档案；如已调入本校，请发起教师调动。")
        refuse_blocking([Problem("taken", message % {"school": same.school}, field="id_number")])
    if teacher.national_code and others.filter(national_code=teacher.national_code).exists():
        message = _("此教师个人标识码已登记给其他教师。请核对。")
        refuse_blocking([Problem("taken", message, field="national_code")])
