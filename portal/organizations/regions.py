"""The first two digits of GB/T 2260: the provinces. Counties come and go, so only provinces are checked."""

from __future__ import annotations

import re

PROVINCES: dict[str, str] = {
    "11": "北京市",
    "12": "天津市",
    "13": "河北省",
    "14": "山西省",
    "15": "内蒙古自治区",
    "21": "辽宁省",
    "22": "吉林省",
    "23": "黑龙江省",
    "31": "上海市",
    "32": "江苏省",
    "33": "浙江省",
    "34": "安徽省",
    "35": "福建省",
    "36": "江西省",
    "37": "山东省",
    "41": "河南省",
    "42": "湖北省",
    "43": "湖南省",
    "44": "广东省",
    "45": "广西壮族自治区",
    "46": "海南省",
    "50": "重庆市",
    "51": "四川省",
    "52": "贵州省",
    "53": "云南省",
    "54": "西藏自治区",
    "61": "陕西省",
    "62": "甘肃省",
    "63": "青海省",
    "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区",
    "71": "台湾省",
    "81": "香港特别行政区",
    "82": "澳门特别行政区",
}
# Residence permits of people from Taiwan, Hong Kong and Macao begin with these.
RESIDENCE_PERMITS = frozenset({"81", "82", "83"})

_REGION = re.compile(r"[1-8][0-9]{5}", re.ASCII)


def is_region(code: str) -> bool:
    """Whether `code` has the form of a GB/T 2260 code (six digits) of a province that exists."""
    return bool(_REGION.fullmatch(code)) and code[:2] in PROVINCES


def province_known(code: str) -> bool:
    """Whether an ID number begins with a province's or a residence permit's prefix."""
    return code[:2] in PROVINCES or code[:2] in RESIDENCE_PERMITS
