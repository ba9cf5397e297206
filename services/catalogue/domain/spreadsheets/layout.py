"""Which element stands in which sheet, under which heading."""

from typing import Final

from services.catalogue.domain.spreadsheets.beside import PACKAGE_CHILDREN, PACKAGES, POINTS
from services.catalogue.domain.spreadsheets.sheets import CATALOG, MORE, Column, Sheet

ALONE: Final = frozenset({"visit_reason", "quantity_limit", "commitment", "city_wide_exception", "reason"})
"""Parts of which there is one or none."""


def _said(text: str, zh: str) -> tuple[Column, ...]:
    return (
        Column("text", text, zh),
        Column("provenance", "provenance", "来源属性"),
        Column("source", "by_law", "依据"),
    )


def _within(path: str, name: str, zh: str) -> tuple[Column, ...]:
    return (
        Column(f"{path}.text", name, zh),
        Column(f"{path}.provenance", f"{name}_provenance", f"{zh}来源属性"),
        Column(f"{path}.source", f"{name}_source", f"{zh}出处"),
    )


def _limit(path: str, name: str, zh: str) -> tuple[Column, ...]:
    return (
        Column(f"{path}.working_days", f"{name}_day", f"{zh}（工作日）", "number"),
        Column(f"{path}.provenance", f"{name}_provenance", f"{zh}来源属性"),
        Column(f"{path}.source", f"{name}_explain", f"{zh}说明"),
    )


DIVISIONS: Final = Sheet(
    "divisions",
    "行政区划",
    (Column("code", "division_code", "区划代码"), Column("zh", "division_name", "名称"), Column("en", "division_name_en", "英文名称")),
)
AGENCIES: Final = Sheet(
    "agencies",
    "实施主体",
    (
        Column("code", "dept_code", "实施主体编码"),
        Column("name", "dept_name", "实施主体"),
        Column("division", "division_code", "区划代码"),
        Column("function", "dept_function", "职能"),
        Column("area", "town_code", "乡镇街道或村居代码"),
    ),
)
FIELDS: Final = Sheet(
    "fields",
    "表单字段",
    (
        Column("name", "field_name", "字段名"),
        Column("zh", "field_title", "标题"),
        Column("en", "field_title_en", "英文标题"),
        Column("value", "field_schema", "取值（JSON Schema）", "json"),
        Column("help_zh", "field_help", "填写说明"),
        Column("help_en", "field_help_en", "英文填写说明"),
        Column("group", "field_group", "分组"),
        Column("grade", "data_grade", "数据级别", "number"),
        Column("options", "field_options", "选项（JSON）", "json"),
        Column("source", "data_source", "数据来源（JSON）", "json"),
        Column("ask_anyway", "ask_anyway", "仍须填写的原因"),
    ),
)
MATTERS: Final = Sheet(
    "matters",
    "事项",
    (
        CATALOG,
        Column("local_basic_code", "local_catalog_code", "地方基本编码"),
        Column("name", "task_name", "事项名称"),
        Column("en", "task_name_en", "英文名称"),
        Column("aliases", "task_alias", "别名", "lines"),
        Column("level", "use_level", "行使层级", "number"),
        Column("themes", "topic_type", "主题", "lines"),
        Column("life_events", "life_event", "生命周期事件", "lines"),
        Column("served", "server_type", "服务对象", "codes"),
        Column("depth", "online_handle_depth", "网办深度", "numbers"),
        Column("visits", "limit_scene_num", "到办事现场次数", "number"),
        Column("is_immediate", "is_immediate", "即办件", "flag"),
        Column("is_renewal", "is_renewal", "延续", "flag"),
        Column("channels", "handle_type", "办理形式", "codes"),
        *_limit("statutory", "anticipate", "法定办结时限"),
        *_limit("promised", "promise", "承诺办结时限"),
        Column("delivery.express", "is_express", "物流快递", "flag"),
        Column("delivery.materials_by_mail", "is_mail_material", "材料邮寄", "flag"),
        Column("delivery.results_by_mail", "is_mail_result", "结果邮寄", "flag"),
        Column("delivery.online_payment", "is_pay_online", "网上支付", "flag"),
        Column("delivery.appointment", "schedule_rule", "预约规则"),
        Column("joint_agencies", "other_dept", "联办机构", "lines"),
        Column("cross_region", "handle_area", "通办范围", "codes"),
        Column("form", "form_fields", "表单字段", "lines"),
    ),
)
IMPLEMENTATIONS: Final = Sheet(
    "implementations",
    "实施清单",
    (
        Column("task_code", "task_code", "实施编码"),
        Column("local_task_code", "local_task_code", "地方实施编码"),
        *_limit("promised", "promise", "承诺办结时限"),
        Column("without_materials", "without_materials", "减免材料", "lines"),
    ),
    ("implementations",),
)
_MATERIALS: Final = Sheet(
    "materials",
    "申请材料",
    (
        Column("code", "material_code", "材料编码"),
        Column("name", "material_name", "材料名称"),
        Column("source", "source_type", "来源渠道"),
        Column("is_required", "is_need", "材料必要性", "flag"),
        Column("exemption", "exempt_way", "免交方式"),
        Column("certificate_type", "cert_type_code", "证照类型代码"),
        Column("data_item", "data_source", "数据项"),
        Column("deferrable_days", "supply_day", "容缺补交时限（工作日）", "number"),
        Column("form", "material_format", "材料形式"),
        Column("originals", "original_num", "原件份数", "number"),
        Column("copies", "copy_num", "复印件份数", "number"),
        Column("accept", "accept_stand", "受理标准", "lines"),
        *_within("basis", "by_law", "依据"),
        Column("blank_form", "form_guid", "空白表格"),
        Column("sample", "example_guid", "示例样表"),
        Column("note", "fill_explain", "填报须知"),
        Column("provenance", "provenance", "来源属性"),
    ),
    ("materials",),
)
_STEPS: Final = Sheet(
    "steps",
    "办理环节",
    (
        Column("name", "link_name", "环节名称"),
        Column("by", "handle_dept_name", "办理部门"),
        Column("working_days", "handle_day", "办理时限（工作日）", "number"),
        Column("provenance", "provenance", "来源属性"),
    ),
    ("steps",),
)
_RESULTS: Final = Sheet(
    "results",
    "审批结果",
    (
        Column("name", "result_name", "审批结果名称"),
        Column("kind", "result_type", "审批结果类型"),
        Column("certificate_type", "cert_type_code", "证照类型代码"),
        Column("sample", "result_guid", "审批结果样本"),
        Column("provenance", "provenance", "来源属性"),
    ),
    ("results",),
)
_FEES: Final = Sheet(
    "fees",
    "收费",
    (*_said("fee_name", "收费项目"), Column("standard", "fee_stand", "收费标准"), Column("may_be_reduced", "desc_explain", "减免说明")),
    ("fees",),
)
_QUESTIONS: Final = Sheet(
    "questions",
    "常见问题",
    (Column("question", "question", "问题"), Column("answer", "answer", "解答"), Column("provenance", "provenance", "来源属性")),
    ("questions",),
)
_CONTACTS: Final = Sheet(
    "contacts", "联系方式", (Column("kind", "way_type", "咨询或监督投诉"), *_said("link_way", "方式")), ("contacts",), ("contacts",)
)
_REMEDIES: Final = Sheet("remedies", "复议诉讼", (Column("kind", "remedy_type", "复议或诉讼"), *_said("remedy", "部门地址")), ("remedies",))
_PROCEDURES: Final = Sheet(
    "special_procedures",
    "特别程序",
    (
        Column("name", "special_procedure", "特别程序"),
        Column("is_extension", "is_extension", "延长审批", "flag"),
        Column("working_days", "special_day", "时限（工作日）", "number"),
        *_said("special_explain", "说明"),
    ),
    ("special_procedures",),
)
_DELEGATIONS: Final = Sheet(
    "delegations",
    "委托",
    (
        Column("what", "entrust_type", "受理或决定"),
        Column("to", "entrust_name", "受委托机构"),
        Column("area", "town_code", "乡镇街道或村居代码"),
        Column("from_on", "plan_effective_date", "起始日期"),
        Column("until_on", "plan_cancel_date", "终止日期"),
        *_within("basis", "by_law", "依据"),
    ),
    (),
    ("delegations",),
)
_ELEMENTS: Final = Sheet(
    "elements",
    "其他要素",
    (*_said("explain", "内容"), Column("check", "check_explain", "后续核查")),
    (
        "basis",
        "conditions",
        "places",
        "hours",
        "rights",
        "duties",
        "intermediaries",
        "visit_reason",
        "quantity_limit",
        "commitment",
        "city_wide_exception",
    ),
    ("places", "hours", "reason"),
)
CHILDREN: Final = (
    _MATERIALS, _STEPS, _RESULTS, _FEES, _QUESTIONS, _CONTACTS, _REMEDIES, _PROCEDURES, _DELEGATIONS, _ELEMENTS,
)  # fmt: skip
PARTS: Final = Sheet(
    "parts",
    "其他组成部分",
    (
        Column("path", "part", "组成部分"),
        Column("number", "order_num", "序号", "number"),
        Column("text", "json_text", "内容（JSON，过长时分行接续）"),
    ),
    (),
    ("",),
)
"""What no sheet has room for: nested parts as JSON text, the pieces of a long one one below the other."""
SHEETS: Final = (
    DIVISIONS, AGENCIES, FIELDS, MATTERS, IMPLEMENTATIONS, *CHILDREN, PARTS, PACKAGES, *PACKAGE_CHILDREN, POINTS,
)  # fmt: skip
_WHOLE: Final = frozenset(sheet.name for sheet in (DIVISIONS, AGENCIES, FIELDS, PACKAGES, POINTS))


def headings(sheet: Sheet) -> tuple[Column, ...]:
    """All columns of a sheet in their order."""
    if sheet is MATTERS:
        return sheet.columns
    if sheet.name in _WHOLE:
        return (*sheet.columns, MORE)
    return (*sheet.keys, *sheet.columns) if sheet is PARTS else (*sheet.keys, *sheet.columns, MORE)
