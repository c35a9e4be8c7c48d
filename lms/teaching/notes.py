"""Whether a note names a patient. Pure. It finds numbers and words by their form and no bare name: the page says so.

What is written in full-width or Chinese digits is read like any other."""

import re
import unicodedata

from lms.kernel.text import Message, msg

_DIGITS = {ord(sign): digit for sign, digit in zip("〇零○一幺二三四五六七八九", "0001123456789", strict=True)}

# Groups as people write them; between other digits nothing is joined, so that a row of blood pressures is no number.
_ID_NUMBER = re.compile(r"(?<!\d)(\d{6}-?\d{4}-?\d{4}-?\d{3}[\dXx]|\d{15})(?!\d)")
_PHONE = re.compile(
    r"(?<!\d)(\+?86-?)?\d{3}-?\d{4}-?\d{4}(?!\d)"
    r"|(?<!\d)(?<!\d-)1-?[3-9](-?\d){9}(?!-?\d)"  # in whatever groups
    r"|(?<!\d)(?<!\d-)0\d{2,3}-\d{7,8}(?!-?\d)"
)
_BETWEEN = re.compile(r"(?<=\d)\s?[\s\-\u2010-\u2015\u2212./·、_]\s?(?=\d)")
_LONG_NUMBER = re.compile(r"\d{9,}")
_RECORD = re.compile(
    r"(床号|床位号?|住院号|病历号|病案号|门诊号|就诊号|就诊卡号?|登记号|档案号|医保号|医保卡号?)"
    r"码?\s*(是|为)?\s*[:：、,，#(（]?\s*(no\.?)?\s*[:：]?\s*[a-z]{0,4}[- ]?\d",
    re.IGNORECASE,
)
_BED = re.compile(
    r"\d\s*号?床(的?(患者|病人|病员)|[,，。:：;；、]|$)|\d\s*号床"
    r"|\d\s*床的?.{1,2}(某|大爷|大妈|大娘|奶奶|爷爷|阿姨|叔叔|女士|先生|师傅)"
    r"|\d\s*床的?[老小][\u4e00-\u9fff]"
)
# How many beds a ward has is nobody's bed.
_BEDS = re.compile(
    r"(科|病区|病房|院|中心|科室|楼|层)\s*(现|一共|总共|共|开放|编制|设|有|约|新增|增加)+\s*\d+\s*张?\s*床"
    r"(?=\s*([,，。:：;；、)）]|$))"
)
_NAMED = re.compile(
    r"(患者|病人|病员|患儿|孕妇|产妇|家属|老人)的?\s*(姓名|名字|名叫|叫做)"
    r"|(患者|病人|病员|患儿|孕妇|产妇)叫(?!救护车|急救|醒|不醒|号|家属|车|人来|痛|疼|苦)"
    r"|(患者|病人|病员|患儿|孕妇|产妇)姓(?!名)"
    r"|姓名\s*(是|为|[:：])|身份证|手机号|家住"
)

_ASKS_WHAT = msg("请只写做了什么、学到什么，例如：给 3 位老人量血压，学会看心电图。")


def fault(text: str) -> Message | None:
    """Why this text may not be kept: it holds something by which a patient could be found. None where it is fine."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    counted = plain.translate(_DIGITS)
    grouped = _BETWEEN.sub("-", counted)
    for found, what in (
        (_ID_NUMBER.search(grouped), msg("里面有一串像身份证号的数字，不能存。{instead}", instead=_ASKS_WHAT)),
        (_PHONE.search(grouped), msg("里面有一串像手机号的数字，不能存。{instead}", instead=_ASKS_WHAT)),
        (_RECORD.search(counted) or _BED.search(_BEDS.sub("", counted)) or _LONG_NUMBER.search(counted),
         msg("里面有像床号、住院号、病历号的内容，不能存。{instead}", instead=_ASKS_WHAT)),
        (_NAMED.search(plain), msg("里面像是写了病人是谁，不能存。{instead}", instead=_ASKS_WHAT)),
    ):  # fmt: skip
        if found:
            return what
    return None
