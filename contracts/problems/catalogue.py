"""Refusals of the catalogue."""

from contracts.problems import ProblemType, register

MATTER_NOT_FOUND = register(ProblemType("matter-not-found", 404, "事项不存在或未发布", "No such matter is published"))
IMPORT_REFUSED = register(ProblemType("import-refused", 422, "导入被拒绝，未写入任何数据", "The import was refused; nothing was taken"))
MATTER_NOT_GUIDED = register(
    ProblemType("matter-not-guided", 404, "该事项未提供情形引导或预判", "The matter has no situations or no table of this kind")
)
ANSWERS_NOT_POSSIBLE = register(
    ProblemType("answers-not-possible", 422, "所选答案不在可选范围内", "An answer is none of those that are possible")
)
SITUATION_NOT_FOUND = register(ProblemType("situation-not-found", 404, "该事项没有此办理情形", "The matter has no such situation"))
