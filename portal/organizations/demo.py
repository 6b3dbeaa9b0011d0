"""The demo's organisations: fictional bodies in Chongqing's real districts."""

from __future__ import annotations

from itertools import count

from portal.organizations.districts import CHONGQING_DISTRICTS, DEVELOPMENT_ZONES
from portal.organizations.kinds import Kind
from portal.organizations.models import Locality, Organization, Ownership
from portal.organizations.services import records
from portal.runtime.demo import MARK, Demo, demo_stage, words

SCHOOLS, COLLEGES, BASES = 200, 45, 30
SCHOOL_WORDS = words(
    "明德 启航 博文 崇技 远志 弘毅 致远 求真 立新 育英 春晖 笃行 星光 嘉陵 巴山 云峰 清源 思齐"
)
SCHOOL_TYPES = words(
    "职业教育中心 中等职业学校 职业高级中学 工业学校 旅游学校 信息技术学校 农业技术学校 卫生学校"
)
COLLEGE_WORDS = words("渝江 巴岳 金佛 缙云 歌乐 长江 三峡 山城 两江 武陵 仙女山 梅岭 南泉 北泉 桃源")
COLLEGE_TYPES = words("职业技术学院 工程职业学院 商务职业学院")
BASE_WORDS = words(
    "先进制造 现代服务 信息技术 汽车工程 电子技术 旅游管理 建筑工程 现代农业 学前教育 医药卫生"
)
BASE_TYPES = words("教师培训基地 产教融合培训中心 企业实践基地")

_phones = (f"023-2000{number:04d}" for number in count(1))


@demo_stage(10, "演示机构")
def load_organizations(demo: Demo) -> None:
    """One municipality, its project office and centre, bureaus, schools, colleges and bases."""
    root = records.found(
        demo.system, None, kind=Kind.MUNICIPALITY, name="重庆市教育委员会" + MARK, region_code="500000"
    )
    _make(demo, root, Kind.PROJECT_OFFICE, "职业院校教师素质提高计划项目办公室", short_name="项目办")
    _make(demo, root, Kind.DEVELOPMENT_CENTER, "教师发展中心")
    bureaus = _bureaus(demo, root)
    _schools(demo, bureaus)
    for number in range(demo.scaled(COLLEGES)):
        word, kind = COLLEGE_WORDS[number % 15], COLLEGE_TYPES[number // 15]
        _make(
            demo,
            root,
            Kind.COLLEGE,
            f"重庆{word}{kind}",
            school_code=f"4150{number:06d}",
            short_name=f"{word}{kind}",
        )
    for number in range(demo.scaled(BASES)):
        word, kind = BASE_WORDS[number % 10], BASE_TYPES[number // 10]
        _make(demo, root, Kind.BASE, f"重庆{word}{kind}", short_name=f"{word}{kind}")


def _bureaus(demo: Demo, root: Organization) -> list[Organization]:
    names = [(name, code) for code, name in CHONGQING_DISTRICTS.items()] + list(DEVELOPMENT_ZONES.items())
    return [
        _make(demo, root, Kind.BUREAU, f"{name}教育委员会", short_name=name, region_code=code)
        for name, code in names[: demo.scaled(len(names))]
    ]


def _schools(demo: Demo, bureaus: list[Organization]) -> None:
    for number in range(demo.scaled(SCHOOLS)):
        bureau = bureaus[number % len(bureaus)]
        name = f"{bureau.short_name}{SCHOOL_WORDS[number % 18]}{SCHOOL_TYPES[number % 8]}"
        _make(
            demo,
            bureau,
            Kind.SCHOOL,
            name,
            region_code=bureau.region_code,
            school_code=f"3650{number:06d}",
            ownership=Ownership.PRIVATE if number % 9 == 0 else Ownership.PUBLIC,
            locality=Locality.RURAL if number % 3 == 0 else Locality.URBAN,
        )


def _make(demo: Demo, parent: Organization, kind: Kind, name: str, **data: str) -> Organization:
    contact = {"contact_name": "演示联系人", "contact_phone": next(_phones)}
    return records.create(demo.system, parent, kind=kind, name=name + MARK, **contact, **data)
