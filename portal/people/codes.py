"""Code tables of the national standards that a teacher's record uses (names as in the standards)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentType(models.TextChoices):
    RESIDENT_ID = "resident_id", _("居民身份证")
    HK_MACAO_PERMIT = "hk_macao", _("港澳居民来往内地通行证")
    TAIWAN_PERMIT = "taiwan", _("台湾居民来往大陆通行证")
    PASSPORT = "passport", _("护照")


class Gender(models.TextChoices):
    """GB/T 2261.1-2003."""

    UNKNOWN = "0", _("未知")
    MALE = "1", _("男")
    FEMALE = "2", _("女")
    UNSTATED = "9", _("未说明")


class PoliticalStatus(models.TextChoices):
    """GB/T 4762-1984."""

    PARTY_MEMBER = "01", _("中共党员")
    PROBATIONARY = "02", _("中共预备党员")
    LEAGUE_MEMBER = "03", _("共青团员")
    RCCK = "04", _("民革会员")
    DEMOCRATIC_LEAGUE = "05", _("民盟盟员")
    CONSTRUCTION = "06", _("民建会员")
    PROMOTING_DEMOCRACY = "07", _("民进会员")
    PEASANTS_AND_WORKERS = "08", _("农工党党员")
    ZHI_GONG = "09", _("致公党党员")
    JIU_SAN = "10", _("九三学社社员")
    TAIWAN_LEAGUE = "11", _("台盟盟员")
    NO_PARTY = "12", _("无党派民主人士")
    MASSES = "13", _("群众")


class Education(models.TextChoices):
    """The levels of GB/T 4658-2006 that teachers hold."""

    DOCTOR = "11", _("博士研究生")
    MASTER = "14", _("硕士研究生")
    BACHELOR = "21", _("大学本科")
    JUNIOR_COLLEGE = "31", _("大学专科")
    SECONDARY = "41", _("中等专科")
    OTHER = "90", _("其他")


class Degree(models.TextChoices):
    DOCTOR = "doctor", _("博士")
    MASTER = "master", _("硕士")
    BACHELOR = "bachelor", _("学士")
    NONE = "none", _("无")


class Stage(models.TextChoices):
    SECONDARY_VOCATIONAL = "secondary", _("中职")
    HIGHER_VOCATIONAL = "higher", _("高职")


class TitleLevel(models.TextChoices):
    """To which level a professional title belongs; order matters: later is higher."""

    NONE = "none", _("未定级")
    JUNIOR = "junior", _("初级")
    INTERMEDIATE = "intermediate", _("中级")
    ASSOCIATE = "associate", _("副高级")
    SENIOR = "senior", _("正高级")


TITLE_ORDER = tuple(TitleLevel.values)

# GB/T 8561-2001, the teacher part, with the unified titles in use now.
TITLES: dict[str, TitleLevel] = {
    "教授": TitleLevel.SENIOR,
    "正高级讲师": TitleLevel.SENIOR,
    "正高级教师": TitleLevel.SENIOR,
    "正高级实习指导教师": TitleLevel.SENIOR,
    "副教授": TitleLevel.ASSOCIATE,
    "高级讲师": TitleLevel.ASSOCIATE,
    "高级教师": TitleLevel.ASSOCIATE,
    "高级实验师": TitleLevel.ASSOCIATE,
    "高级实习指导教师": TitleLevel.ASSOCIATE,
    "高级工程师": TitleLevel.ASSOCIATE,
    "讲师": TitleLevel.INTERMEDIATE,
    "一级教师": TitleLevel.INTERMEDIATE,
    "实验师": TitleLevel.INTERMEDIATE,
    "一级实习指导教师": TitleLevel.INTERMEDIATE,
    "工程师": TitleLevel.INTERMEDIATE,
    "助教": TitleLevel.JUNIOR,
    "助理讲师": TitleLevel.JUNIOR,
    "二级教师": TitleLevel.JUNIOR,
    "三级教师": TitleLevel.JUNIOR,
    "助理实验师": TitleLevel.JUNIOR,
    "二级实习指导教师": TitleLevel.JUNIOR,
    "三级实习指导教师": TitleLevel.JUNIOR,
    "助理工程师": TitleLevel.JUNIOR,
    "教员": TitleLevel.JUNIOR,
    "实验员": TitleLevel.JUNIOR,
    "未定职级": TitleLevel.NONE,
    "无": TitleLevel.NONE,
}

# GB/T 3304-1991, in the order of its codes 01 to 56.
_ETHNIC_GROUPS = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 "
    "塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
ETHNICITIES: dict[str, str] = {
    f"{number:02d}": name for number, name in enumerate(_ETHNIC_GROUPS.split(), start=1)
}
