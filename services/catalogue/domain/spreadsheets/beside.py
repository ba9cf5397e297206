"""The sheets of packages and service points, which stand beside the matters."""

from typing import Final

from services.catalogue.domain.spreadsheets.sheets import Column, Sheet

PACKAGES: Final = Sheet(
    "packages",
    "一件事",
    (
        Column("code", "package_code", "一件事编码"),
        Column("name", "package_name", "名称"),
        Column("en", "package_name_en", "英文名称"),
        Column("aliases", "package_alias", "别名", "lines"),
        Column("served", "server_type", "服务对象"),
        Column("life_event", "life_event", "生命周期事件"),
        Column("lead", "lead_function", "牵头机构职能"),
        Column("promised_working_days", "promise_day", "承诺时限（工作日）", "number"),
        Column("asks.fields", "asks_fields", "一表填报字段", "lines"),
        Column("asks.materials", "asks_materials", "一套提交材料", "lines"),
        Column("notice.zh", "notice", "一次告知"),
        Column("notice.en", "notice_en", "一次告知（英文）"),
        Column("delivery.zh", "delivery", "一次办结送达"),
        Column("delivery.en", "delivery_en", "一次办结送达（英文）"),
        Column("listed", "listed", "所列清单（JSON）", "json"),
        Column("parts", "part_names", "组成（JSON）", "json"),
        Column("provenance", "provenance", "来源属性"),
    ),
)
_PACKAGE_QUESTIONS: Final = Sheet(
    "package_questions",
    "一件事情形问题",
    (
        Column("code", "question_code", "问题编码"),
        Column("zh", "question", "问题"),
        Column("en", "question_en", "英文问题"),
        Column("choices", "choices", "选项（JSON）", "json"),
        Column("when", "question_when", "出现条件（JSON）", "json"),
    ),
    ("questions",),
    is_of_package=True,
)
_PACKAGE_ITEMS: Final = Sheet(
    "package_items",
    "一件事步骤",
    (
        Column("code", "item_code", "步骤编码"),
        Column("basic_code", "catalog_code", "基本编码"),
        Column("depends_on", "depends_on", "前置步骤", "codes"),
        Column("when", "item_when", "适用情形（JSON）", "json"),
        Column("only_when", "only_when", "部分情形才需要（JSON）", "json"),
        Column("produces.fields", "produces_fields", "产生的字段", "lines"),
        Column("produces.materials", "produces_materials", "产生的材料", "lines"),
        Column("working_days", "promise_day", "时限（工作日）", "number"),
        Column("delivered", "delivered", "送达方式"),
        Column("provenance", "provenance", "来源属性"),
    ),
    ("items",),
    is_of_package=True,
)
PACKAGE_CHILDREN: Final = (_PACKAGE_QUESTIONS, _PACKAGE_ITEMS)
POINTS: Final = Sheet(
    "points",
    "服务点",
    (
        Column("code", "point_code", "服务点编码"),
        Column("kind", "point_type", "类型"),
        Column("zh", "point_name", "名称"),
        Column("en", "point_name_en", "英文名称"),
        Column("division", "division_code", "区划代码"),
        Column("area", "town_code", "乡镇街道或村居代码"),
        Column("hall", "hall_code", "所在大厅"),
        Column("address", "address", "地址"),
        Column("longitude", "longitude", "经度（WGS84）", "decimal"),
        Column("latitude", "latitude", "纬度（WGS84）", "decimal"),
        Column("hours", "office_hours", "开放时间（JSON）", "json"),
        Column("phone", "link_phone", "电话"),
        Column("windows", "window_num", "窗口数", "number"),
        Column("purpose", "window_purpose", "窗口用途"),
        Column("does.is_comprehensive", "is_comprehensive", "综合窗口", "flag"),
        Column("does.themes", "topic_type", "可办主题", "lines"),
        Column("does.matters", "catalog_codes", "可办事项", "lines"),
        Column("does.prints_certificates", "is_print", "可打印证照", "flag"),
        Column("accessibility", "accessibility", "无障碍设施", "codes"),
        Column("languages", "languages", "服务语言", "codes"),
        Column("provenance", "provenance", "来源属性"),
    ),
)
