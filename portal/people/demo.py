"""Fictional teachers for the demo. Their ID numbers are well-formed but use sequences that no working person has."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from portal.organizations.districts import CHONGQING_DISTRICTS
from portal.organizations.kinds import Kind
from portal.organizations.models import Organization
from portal.people.codes import TITLES, Degree, Education, PoliticalStatus, TitleLevel
from portal.people.identity import compose_id
from portal.runtime.demo import words

FAMILY = words(
    "赵 钱 孙 李 周 吴 郑 王 冯 陈 褚 卫 蒋 沈 韩 杨 朱 秦 许 何 吕 施 张 孔 曹 严 华 金 魏 陶 姜 谢 邹 喻 柏 水 窦 章"
)
GIVEN = words(
    "一 二 三 四 五 六 七 八 九 十 甲 乙 丙 丁 戊 己 庚 辛 壬 癸 子 丑 寅 卯 辰 巳 午 未 申 酉 戌 亥"
)
# 996 to 999 were kept for people over a hundred: a number made with them belongs to no teacher.
SEQUENCES = (996, 997, 998, 999)
REGIONS = tuple(CHONGQING_DISTRICTS)[:18]
_TITLES = {
    level: [title for title, found in TITLES.items() if found == level and "实习" not in title]
    for level in TitleLevel
}
_numbers = count()


def teacher_data(rng: Random, school: Organization, wishes: dict[str, Any]) -> dict[str, Any]:
    """The data of one fictional teacher of `school`; `wishes` set fields, `level` and `born` choose the rest."""
    wishes = dict(wishes)
    level = wishes.pop("level", None) or rng.choice([TitleLevel.INTERMEDIATE, TitleLevel.ASSOCIATE])
    number = next(_numbers)
    # Region, sequence and day run on with the number, so no two ID numbers are alike.
    born = date(wishes.pop("born", None) or 1972 + number % 18, 1, 1) + timedelta(days=number // 72 % 350)
    master = rng.random() < 0.4
    titles = [
        title for title in _TITLES[level] if ("教授" in title) == (school.kind == Kind.COLLEGE)
    ] or _TITLES[level]
    return {
        "name": _name(number),
        "id_number": compose_id(REGIONS[number % 18], born, SEQUENCES[number // 18 % 4]),
        "ethnicity": rng.choice(["01"] * 9 + ["15", "06"]),
        "political_status": rng.choice([PoliticalStatus.PARTY_MEMBER, PoliticalStatus.MASSES]),
        "education": Education.MASTER if master else Education.BACHELOR,
        "degree": Degree.MASTER if master else Degree.BACHELOR,
        "graduated_from": "演示大学",
        "major": wishes.get("subject", "教育学"),
        "title": rng.choice(titles),
        "title_level": level,
        "teaching_since": date(born.year + 23, 9, 1),
        "double_qualified": True,
        "phone": f"199{number:08d}",
        "in_national_system": True,
        "resume": f"{born.year + 23}年9月至今，在{school.name}任教。",
    } | wishes


def _name(number: int) -> str:
    family, rest = FAMILY[number % len(FAMILY)], number // len(FAMILY)
    return (
        family
        + "小"
        + GIVEN[rest % len(GIVEN)]
        + (GIVEN[rest // len(GIVEN) % len(GIVEN)] if rest >= len(GIVEN) else "")
    )
