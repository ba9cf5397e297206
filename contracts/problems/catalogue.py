"""Refusals of the catalogue."""

from contracts.problems import ProblemType, register

MATTER_NOT_FOUND = register(ProblemType("matter-not-found", 404, "事项不存在或未发布", "No such matter is published"))
IMPORT_REFUSED = register(ProblemType("import-refused", 422, "导入被拒绝，未写入任何数据", "The import was refused; nothing was taken"))
SERVICE_POINT_NOT_FOUND = register(ProblemType("service-point-not-found", 404, "服务点不存在", "No such service point"))
