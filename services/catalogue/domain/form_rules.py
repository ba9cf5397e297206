"""What is checked of forms before publishing: no form asks for what the city holds, and no two fields mean the same.

Source: 国务院令第809号 (what sharing supplies is not collected again); ADR-0042.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from contracts.api.catalogue import FormField, Material, Matter
from contracts.rules import Told, rule
from services.catalogue.domain.forms import QUICK_FIELDS, applying_to, form_of, is_asked_anyway, situations_of

_NEAR: Final = 0.85
_CHOICES: Final = rule(
    "field-choices", "a list of choices is a plain string, and each choice is given once", "选项字段应为普通文本，且选项不得重复"
)
_NOT_HELD: Final = rule("field-asked-anyway", "only what somebody holds is asked for anyway", "只有已有来源的字段才可写明仍须填写的原因")
_SAME_HELD: Final = rule(
    "field-held",
    "{name} ({zh}) asks for the same as {other} ({other_zh}), which comes from {source}",
    "{name}（{zh}）与 {other}（{other_zh}）含义相同，后者来自 {source}",
)
_SAME: Final = rule(
    "field-same",
    "{name} ({zh}) asks for the same as {other} ({other_zh}): the dictionary has one field for one thing",
    "{name}（{zh}）与 {other}（{other_zh}）含义相同：字典中一事一字段",
)
_FIELD_TWICE: Final = rule("form-field-twice", "a field is asked for once", "表单字段不得重复")
_ONE_SECTION: Final = rule(
    "layout-field", "the field {name} of the form stands in exactly one section", "表单字段 {name} 应在且仅在一个分区中"
)
_SECTION_TWICE: Final = rule("layout-section-twice", "each section has a code of its own", "分区编码不得重复")
_OPTIONAL: Final = rule(
    "layout-optional", "{section}: the optional field {name} stands in this section", "{section}：选填字段 {name} 不在本分区中"
)
_SECTION_SITUATION: Final = rule(
    "layout-situation", "{section}: {situation} is a situation of the matter", "{section}：{situation} 不是该事项的办理情形"
)
_ASKED_ANYWAY: Final = rule("asked-anyway-field", "{name} is a field of the form that somebody holds", "{name} 应为表单中已有来源的字段")
_TYPED: Final = rule(
    "form-held",
    "{name} is not typed, it comes from {source}: a material of the matter names that source",
    "{name} 不由申请人填写，来自 {source}：事项材料须写明该来源",
)
_UPLOADED_DATA: Final = rule(
    "material-data-item",
    "{code}: the data item {item} says it, so it is checked there and not uploaded",
    "{code}：数据项 {item} 已有该信息，应数据核验，不得要求上传",
)
_UPLOADED_CERTIFICATE: Final = rule(
    "material-issued",
    "{code}: the city issues it as the certificate {type}, so it is not uploaded",
    "{code}：本市已签发为证照 {type}，不得要求上传",
)
_NOT_QUICK: Final = rule(
    "situation-not-quick",
    "{situation} is not 快办: at most {most} typed fields and no upload; it has {typed} typed fields, uploads: {uploads}",
    "{situation} 不符合快办：填写字段最多 {most} 个且不上传材料；现有填写字段 {typed} 个，上传：{uploads}",
)
_NOTHING: Final = rule("nothing", "none", "无")
# Words of one meaning, the longer first, and words that say nothing of their own.
_SAME_ZH: Final = (
    ("身份号", ("公民身份号码", "身份证件号码", "身份证件号", "身份证号码", "身份证号", "身份号码", "证件号码")),
    ("电话", ("手机号码", "手机号", "移动电话", "联系电话", "联系方式", "电话号码")),
    ("出生日", ("出生年月日", "出生日期", "出生年月", "出生时间", "生日")),
    ("地址", ("居住地址", "家庭住址", "现住地址", "现住址", "住址")),
    ("单位名称", ("企业名称", "公司名称", "机构名称", "组织名称")),
    ("法定代表人", ("法定代表人姓名", "法人代表姓名", "法人代表")),
    ("信用代码", ("统一社会信用代码", "社会信用代码")),
    ("车牌", ("车辆号牌", "车牌号码", "车牌号", "号牌号码")),
    ("账户", ("收款账户", "收款账号", "银行账号", "银行卡号")),
    ("姓名", ("名字",)),
)
_EMPTY_ZH: Final = ("申请人", "本人", "您的", "我的", "居民", "公民", "信息", "内容", "的")
_SAME_EN: Final = {
    "identity": "id", "phone": "telephone", "mobile": "telephone", "gender": "sex", "birthday": "birth", "born": "birth",
    "company": "organisation", "enterprise": "organisation",
}  # fmt: skip
_EMPTY_EN: Final = frozenset({"the", "of", "a", "an", "s", "my", "your", "applicant", "date", "day", "number", "no", "resident", "card"})


def broken_fields(fields: Sequence[FormField], dictionary: Mapping[str, FormField]) -> Iterator[tuple[int, str, Told]]:
    """Row, column and rule of every field of a document that does not fit the dictionary. `dictionary` has them too."""
    meanings = _Meanings(field for name, field in dictionary.items() if name not in {each.name for each in fields})
    for row, field in enumerate(fields):
        if field.options and (field.value != {"type": "string"} or len({each.value for each in field.options}) != len(field.options)):
            yield row, "options", _CHOICES.broken()
        if field.ask_anyway is not None and field.source is None:
            yield row, "ask_anyway", _NOT_HELD.broken()
        if earlier := meanings.same(field):
            yield row, "name", _says_the_same(field, earlier)
        meanings.add(field)


def _says_the_same(field: FormField, earlier: FormField) -> Told:
    held = next((each for each in (earlier, field) if each.source), None)
    named = {"name": field.name, "zh": field.zh, "other": earlier.name, "other_zh": earlier.zh}
    return _SAME_HELD.broken(**named, source=_named(held)) if held else _SAME.broken(**named)


def _named(field: FormField) -> str:
    return f"{field.source.path} ({field.source.zh} / {field.source.en})" if field.source else ""


class _Meanings:
    """Fields by what they mean: by source, by words of both languages, and by nearly the same words."""

    def __init__(self, fields: Iterable[FormField]) -> None:
        self._by_key: dict[object, FormField] = {}
        self._pairs: list[tuple[frozenset[str], FormField]] = []
        for field in fields:
            self.add(field)

    def add(self, field: FormField) -> None:
        for key in _keys(field):
            self._by_key.setdefault(key, field)
        self._pairs.append((_pairs_of(field.zh), field))

    def same(self, field: FormField) -> FormField | None:
        exact = next((found for key in _keys(field) if (found := self._by_key.get(key)) and found.name != field.name), None)
        said = _pairs_of(field.zh)
        return exact or next((other for pairs, other in self._pairs if other.name != field.name and _is_near(pairs, said)), None)


def _keys(field: FormField) -> Iterator[object]:
    yield "zh", meaning_zh(field.zh)
    yield "en", _words(field.en.lower())
    yield "name", _words(field.name.replace("_", " "))
    if field.source:
        yield "source", field.source.path


def meaning_zh(text: str) -> str:
    """The Chinese name without words that say nothing, synonyms as one word: 申请人的身份证号 → 身份号."""
    text = re.sub(r"（[^）]*）|\([^)]*\)|\s", "", text)
    left = text
    for word in _EMPTY_ZH:
        left = left.replace(word, "") or left
    for one, synonyms in _SAME_ZH:
        for synonym in synonyms:
            if synonym in left:
                left = left.replace(synonym, one)
                break
    return left


def _words(text: str) -> frozenset[str]:
    words = [_SAME_EN.get(word, word) for word in re.findall(r"[a-z0-9²]+", re.sub(r"\([^)]*\)", "", text))]
    return frozenset(word for word in words if word not in _EMPTY_EN) or frozenset(words)


def _pairs_of(text: str) -> frozenset[str]:
    said = meaning_zh(text)
    return frozenset(said[at : at + 2] for at in range(len(said) - 1)) or frozenset({said})


def _is_near(one: frozenset[str], other: frozenset[str]) -> bool:
    return 2 * len(one & other) >= _NEAR * (len(one) + len(other)) > 0


def broken_forms(matter: Matter, dictionary: Mapping[str, FormField], issued: Mapping[str, str]) -> Iterator[tuple[str, Told]]:
    """Column and rule. `issued` maps names of materials to the certificate type that the city issues them as."""
    yield from _broken_layout(matter)
    yield from _broken_sources(matter, dictionary)
    yield from _broken_uploads(matter, issued)
    if all(name in dictionary for name in matter.form):
        yield from _broken_claims(matter, [dictionary[name] for name in matter.form])


def _broken_layout(matter: Matter) -> Iterator[tuple[str, Told]]:
    if len(set(matter.form)) != len(matter.form):
        yield "form", _FIELD_TWICE.broken()
    if not matter.layout:
        return
    placed = [name for section in matter.layout for name in section.fields]
    for name in sorted(set(matter.form) ^ set(placed) | {name for name in placed if placed.count(name) > 1}):
        yield "layout", _ONE_SECTION.broken(name=name)
    codes = [section.code for section in matter.layout]
    if len(set(codes)) != len(codes):
        yield "layout", _SECTION_TWICE.broken()
    known = {each.code for each in situations_of(matter) if each}
    for section in matter.layout:
        for name in sorted(set(section.optional) - set(section.fields)):
            yield "layout", _OPTIONAL.broken(section=section.code, name=name)
        for code in sorted(set(section.visible_when) - known):
            yield "layout", _SECTION_SITUATION.broken(section=section.code, situation=code)


def _broken_sources(matter: Matter, dictionary: Mapping[str, FormField]) -> Iterator[tuple[str, Told]]:
    for each in matter.asked_anyway:
        field = dictionary.get(each.field)
        if each.field not in matter.form or field is None or field.source is None:
            yield "asked_anyway", _ASKED_ANYWAY.broken(name=each.field)
    certificates = {material.certificate_type for material in matter.materials}
    items = {material.data_item for material in matter.materials}
    for field in (dictionary[name] for name in matter.form if name in dictionary):
        source = field.source
        if source is None or is_asked_anyway(field, matter):
            continue
        if (source.certificate_type and source.certificate_type not in certificates) or (
            source.data_item and source.data_item not in items
        ):
            yield "form", _TYPED.broken(name=field.name, source=_named(field))


def uploaded_in(matter: Matter) -> set[str]:
    """Names of what is uploaded although an authority issued it: the city must not be that authority."""
    return {each.name for each in matter.materials if _is_uploaded(each)}


def _is_uploaded(material: Material) -> bool:
    return material.source == "government" and material.exemption is None and material.certificate_type is None


def _broken_uploads(matter: Matter, issued: Mapping[str, str]) -> Iterator[tuple[str, Told]]:
    for material in matter.materials:
        if material.data_item is not None and material.exemption != "data_check":
            yield "materials", _UPLOADED_DATA.broken(code=material.code, item=material.data_item)
        if _is_uploaded(material) and (held := issued.get(material.name)):
            yield "materials", _UPLOADED_CERTIFICATE.broken(code=material.code, type=held)


def issued_in(matters: Iterable[Matter]) -> dict[str, str]:
    """Names of results and materials → the certificate type that they are issued as."""
    named: dict[str, str] = {}
    for matter in matters:
        named.update({each.name: each.certificate_type for each in matter.materials if each.certificate_type})
        named.update({each.name: each.certificate_type for each in matter.results if each.certificate_type})
    return named


def _broken_claims(matter: Matter, fields: Sequence[FormField]) -> Iterator[tuple[str, Told]]:
    """A situation that says it is 快办 is, for one kind of applicant at least."""
    for situation in situations_of(matter):
        if situation is None or not situation.is_quick:
            continue
        forms = [form_of(matter, fields, situation, applying) for applying in applying_to(matter)]
        if not any(form.is_quick for form in forms):
            uploads = ", ".join(forms[0].uploads) or _NOTHING.broken()
            told = {"situation": situation.code, "most": QUICK_FIELDS, "typed": len(forms[0].typed), "uploads": uploads}
            yield "guiding", _NOT_QUICK.broken(**told)
