"""What an opening notice can say without anybody typing it: from the class, its timetable, its plan and the notice."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from programs.models import TrainingClass

SHOWN_LESSONS = 30


def notice_draft(training_class: TrainingClass) -> dict[str, str]:
    """The eight sections. At most four queries."""
    project = training_class.project
    copies = training_class.rulebook.facts.get("recommendation_form_copies")
    starts, ends = (f"{each:%Y年%m月%d日}" for each in (training_class.starts_on, training_class.ends_on))
    form = _("学员推荐表（一式%(copies)d份，学校盖章）、") % {"copies": copies} if copies else ""
    return {
        "audience": f"{project}\n{_audience(training_class)}".strip(),
        "schedule": _("%(starts)s上午报到，%(ends)s结束，共%(days)d天。")
        % {"starts": starts, "ends": ends, "days": training_class.days},
        "place": training_class.place,
        "content": _lessons(training_class),
        "bring": _("%(form)s身份证、本人教学资料。") % {"form": form},
        "board": _board(training_class),
        "contact": f"{training_class.contact_name} {training_class.contact_phone}",
        "signed": training_class.base.name,
    }


def _audience(training_class: TrainingClass) -> str:
    audience = getattr(training_class.project, "audience", None)
    return str(audience.text) if audience else ""


def _lessons(training_class: TrainingClass) -> str:
    rows = [
        f"{timezone.localtime(each.starts_at):%m月%d日%H:%M} {each.topic}（{each.lecturer_name}）"
        for each in training_class.lessons.all()[:SHOWN_LESSONS]
    ]
    return "\n".join(rows) or training_class.project.content


def _board(training_class: TrainingClass) -> str:
    plan = getattr(training_class, "plan", None)
    own = f"{plan.logistics.strip()}\n" if plan else ""
    return own + _("培训期间食宿由培训基地统一安排；往返及异地教学的城市间交通费由所在单位按规定报销。")
