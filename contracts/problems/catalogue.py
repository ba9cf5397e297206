"""Refusals of the catalogue."""

from contracts.problems import ProblemType, register

MATTER_NOT_FOUND = register(ProblemType("matter-not-found", 404, "事项不存在或未发布", "No such matter is published"))
IMPORT_REFUSED = register(ProblemType("import-refused", 422, "导入被拒绝，未写入任何数据", "The import was refused; nothing was taken"))
PACKAGE_NOT_FOUND = register(ProblemType("package-not-found", 404, "一件事不存在或未发布", "No such package is published"))
PACKAGE_DRAFT_NOT_FOUND = register(ProblemType("package-draft-not-found", 404, "没有该一件事的草稿", "There is no draft of this package"))
PACKAGE_SITUATION_NOT_FOUND = register(
    ProblemType("package-situation-not-found", 404, "该一件事没有此情形", "The package has no such situation")
)
PACKAGE_WITHOUT_STEPS = register(
    ProblemType(
        "package-without-steps", 409, "该一件事尚未编制办理步骤，不能申请", "Only names are known of this package; it cannot be applied for"
    )
)
PACKAGE_HALTED = register(
    ProblemType(
        "package-halted",
        409,
        "其中的事项未发布、已暂停或取消，暂不能申请",
        "A matter of the package is not published, suspended or retired; it cannot be applied for",
    )
)
PACKAGE_OF_ANOTHER = register(ProblemType("package-of-another", 403, "该一件事由其他机构编制", "Another agency keeps this package"))
PACKAGE_DRAFT_CHANGED = register(
    ProblemType("package-draft-changed", 409, "草稿已变化，请重新审核", "The draft is not the one that was reviewed; review it anew")
)
PACKAGE_NEEDS_SECOND_OFFICER = register(
    ProblemType("package-needs-second-officer", 409, "编制人不能审核发布", "Whoever drafted a package may not publish it")
)
PACKAGE_EFFECTIVE_IN_THE_PAST = register(
    ProblemType("package-effective-in-the-past", 422, "生效日期不能早于今天", "A version cannot be in force before today")
)
PACKAGE_REFUSED = register(
    ProblemType("package-refused", 422, "一件事未通过检查，不能发布", "The package breaks rules and is not published")
)
