"""Refusals of the catalogue."""

from contracts.problems import ProblemType, register

MATTER_NOT_FOUND = register(ProblemType("matter-not-found", 404, "事项不存在或未发布", "No such matter is published"))
IMPORT_NOT_FOUND = register(ProblemType("import-not-found", 404, "导入记录不存在", "No such import"))
IMPORT_NOT_WAITING = register(ProblemType("import-not-waiting", 409, "导入不在待审核状态", "The import does not wait for a review"))
IMPORT_OTHER_DIGEST = register(
    ProblemType("import-other-digest", 409, "审核的内容与提交的内容不一致", "The review is of another document than the one that waits")
)
IMPORT_REFUSED = register(ProblemType("import-refused", 422, "导入被拒绝，未写入任何数据", "The import was refused; nothing was taken"))
IMPORT_SAME_OFFICER = register(
    ProblemType("import-same-officer", 409, "提交人与审核人不得为同一人", "The officer who submitted an import may not review it")
)
IMPORT_STALE = register(
    ProblemType(
        "import-stale", 409, "提交后相关事项已另行发布，请重新提交", "What the import changes was published anew since; submit it again"
    )
)
SPREADSHEET_REFUSED = register(
    ProblemType("spreadsheet-refused", 422, "电子表格无法接收，未写入任何数据", "The spreadsheet cannot be taken; nothing was taken")
)
