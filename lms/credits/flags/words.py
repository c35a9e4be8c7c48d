"""What a flag says: the same plain sentences to the doctor and to the reviewer."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lms.credits.flags.rules.facts import Kind
from lms.kernel import clock
from lms.kernel.i18n import in_locale, long_date
from lms.kernel.quantities import format_hours
from lms.kernel.text import N_, Message, msg

KIND_NAMES = {
    Kind.PACE.value: N_("答得比读题还快"),
    Kind.COPY.value: N_("两人错得一样"),
    Kind.DEVICE.value: N_("一台设备多人测验"),
    Kind.PLACES.value: N_("同时在两处"),
    Kind.BURST.value: N_("截止前一天学了很多"),
}
STATE_NAMES = {
    "open": N_("待看"),
    "asked": N_("等医生说明"),
    "answered": N_("医生已说明"),
    "closed": N_("已了结"),
}
REASONS = {
    "explained": N_("有正当的说明"),
    "shared": N_("大家合用的电脑"),
    "chance": N_("只是巧合"),
    "record": N_("记录的日期或学时有误"),
    "talked": N_("已当面谈过"),
    "audited": N_("已转到学分审核里处理"),
    "other": N_("其他原因"),
}
ACTIONS = {"ask": N_("请医生说明"), "close": N_("了结"), "reopen": N_("重新打开")}
STEPS = {
    "ask": N_("请医生说明"),
    "close": N_("了结"),
    "reopen": N_("重新打开"),
    "reply": N_("医生说明"),
    "renewed": N_("又看到多得多的同类记录，自动重新打开"),
}
MEANINGS = {
    Kind.PACE.value: N_("可能您以前学过这些题，也可能有人替您点了。系统只知道时间，不知道原因。"),
    Kind.COPY.value: N_("一起学习、看同一份材料，也会错得一样。系统只比较答案，不知道原因。"),
    Kind.DEVICE.value: N_("卫生室合用一台电脑很正常；登录时勾选“这是大家共用的手机”就不算。系统不知道谁在屏幕前。"),
    Kind.PLACES.value: N_("可能登记的日期或学时写错了，也可能两个活动一个在上午、一个在下午。系统只知道日期和学时。"),
    Kind.BURST.value: N_("年底集中补学很常见，也可能先看了纸质材料。系统只知道哪一天点了学完。"),
}


def sentences(kind: str, evidence: Mapping[str, Any]) -> list[Message]:
    """The evidence in words and numbers, without anybody's name and without any answer."""
    return _SAYING[kind](evidence)


def _pace(found: Mapping[str, Any]) -> list[Message]:
    return [
        msg(
            "{at}：{questions} 道新题共 {characters} 个字，用了 {seconds} 秒；一秒读 {fast} 个字也要 {least} 秒。",
            at=_instant(one["at"]), questions=one["questions"], characters=one["characters"],
            seconds=one["seconds"], fast=round(found["characters_a_second"]), least=one["least_seconds"],
        )
        for one in found["sittings"]
    ]  # fmt: skip


def _copy(found: Mapping[str, Any]) -> list[Message]:
    return [
        msg(
            "两人都做过 {compared} 道题，其中 {same} 道选了同样的错误答案。",
            compared=found["compared"], same=len(found["same"]),
        ),
        msg(
            "按全县答题情况估算，一人参照另一人而有这些答案，比互不知情约容易 10 的 {power} 次方倍。",
            power=found["times_power"],
        ),
    ]  # fmt: skip


def _device(found: Mapping[str, Any]) -> list[Message]:
    said = [
        msg(
            "同一个浏览器上，{people} 人各做过至少两门课的测验，他们来自 {places} 个单位。",
            people=found["people"], places=found["places"],
        )
    ]  # fmt: skip
    if found["row"] > 1:
        said.append(msg("最多时 {row} 人一个接一个，中间隔不到一刻钟。", row=found["row"]))
    return said


def _places(found: Mapping[str, Any]) -> list[Message]:
    said = [
        msg(
            "{title}（{holder}）：{first} 至 {last}，共 {hours} 学时，平均每天 {a_day} 学时。",
            title=in_locale(one["title"]), holder=one["holder"], first=_day(one["first"]), last=_day(one["last"]),
            hours=_hours(one["hours"]), a_day=one["hours_a_day"],
        )
        for one in found["activities"]
    ]  # fmt: skip
    most = _hours(found["most_hours"])
    return [*said, msg("两个活动有 {days} 天重叠，合起来每天超过 {most} 学时。", days=len(found["days"]), most=most)]


def _burst(found: Mapping[str, Any]) -> list[Message]:
    return [
        msg(
            "{day} 一天学完 {courses} 门课，合 {hours} 学时，超过 {most} 学时；截止日是 {deadline}。",
            day=_day(one["day"]), courses=len(one["courses"]), hours=_hours(one["hours"]),
            most=_hours(found["most_hours"]), deadline=_day(found["deadline"]),
        )
        for one in found["days"]
    ]  # fmt: skip


_SAYING = {
    Kind.PACE.value: _pace,
    Kind.COPY.value: _copy,
    Kind.DEVICE.value: _device,
    Kind.PLACES.value: _places,
    Kind.BURST.value: _burst,
}


def _instant(text: str) -> str:
    at = clock.local(datetime.fromisoformat(text))
    return f"{long_date(at.date())} {at:%H:%M}"


def _hours(number: float) -> str:
    return format_hours(Decimal(str(number)))


def _day(text: str) -> str:
    return long_date(date.fromisoformat(text))
