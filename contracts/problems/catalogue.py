"""Refusals of the catalogue."""

from contracts.problems import ProblemType, register

MATTER_NOT_FOUND = register(ProblemType("matter-not-found", 404, "事项不存在或未发布", "No such matter is published"))
IMPORT_NOT_FOUND = register(ProblemType("import-not-found", 404, "导入记录不存在", "No such import"))
IMPORT_NOT_WAITING = register(ProblemType("import-not-waiting", 409, "导入不在待审核状态", "The import does not wait for a review"))
IMPORT_OTHER_DIGEST = register(
    ProblemType("import-other-digest", 409, "审核的内容与提交的内容不一致", "The review is of another document than the one that waits")
)
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
MATTER_NOT_GUIDED = register(
    ProblemType("matter-not-guided", 404, "该事项未提供情形引导或预判", "The matter has no situations or no table of this kind")
)
ANSWERS_NOT_POSSIBLE = register(
    ProblemType("answers-not-possible", 422, "所选答案不在可选范围内", "An answer is none of those that are possible")
)
SITUATION_NOT_FOUND = register(ProblemType("situation-not-found", 404, "该事项没有此办理情形", "The matter has no such situation"))
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
DRAFT_NOT_FOUND = register(ProblemType("draft-not-found", 404, "草稿不存在", "No such draft"))
DRAFT_CHANGED = register(ProblemType("draft-changed", 412, "草稿已被他人修改，请重新读取", "The draft was changed since it was read"))
DRAFT_REVISION_REQUIRED = register(
    ProblemType(
        "draft-revision-required", 428, "须用 If-Match 说明所读取的草稿修订号", "Say by If-Match which revision of the draft you read"
    )
)
DRAFT_STATE = register(
    ProblemType("draft-not-in-this-state", 409, "草稿当前状态不允许此操作", "The draft is in another state than this needs")
)
DRAFT_OWN_REVIEW = register(
    ProblemType("draft-reviewed-by-its-author", 403, "编制人不得审核或发布自己的草稿", "Who wrote a draft neither reviews nor publishes it")
)
DRAFT_REFUSED = register(ProblemType("draft-refused", 422, "草稿不符合规则", "The draft breaks rules"))
DRAFT_OUTDATED = register(
    ProblemType("draft-outdated", 409, "已发布的新版本与草稿冲突", "A version published since then differs where the draft does")
)
DRAFT_OUT_OF_REACH = register(
    ProblemType("draft-out-of-reach", 403, "不在本单位的编制范围内", "This is not the caller's to write or decide")
)
MATTER_SUSPENDED = register(ProblemType("matter-suspended", 409, "事项暂停办理", "The matter is suspended"))
MATTER_RETIRED = register(ProblemType("matter-retired", 409, "事项已取消", "The matter is retired"))
MATTER_STATE = register(
    ProblemType("matter-not-in-this-state", 409, "事项当前状态不允许此操作", "The matter is in another state than this needs")
)
VERSION_SCHEDULED = register(
    ProblemType("version-scheduled", 409, "已有更晚生效的版本", "A version that comes into force later is published already")
)
EFFECTIVE_IN_THE_PAST = register(ProblemType("effective-in-the-past", 422, "生效时间不得早于现在", "Nothing comes into force in the past"))
VERSION_NOT_FOUND = register(ProblemType("version-not-found", 404, "版本不存在", "No such version"))
SERVICE_POINT_NOT_FOUND = register(ProblemType("service-point-not-found", 404, "服务点不存在", "No such service point"))
NOTHING_SCHEDULED = register(
    ProblemType(
        "nothing-scheduled", 409, "没有尚未生效且可撤回的内容", "Nothing of this is still to come into force that could be taken back"
    )
)
WITHDRAWAL_NOT_WAITING = register(
    ProblemType("withdrawal-not-waiting", 409, "没有待审核的撤回申请", "No withdrawal of this waits for a review")
)
WITHDRAWAL_SAME_OFFICER = register(
    ProblemType("withdrawal-same-officer", 409, "申请撤回的人不得审核", "Whoever asked for a withdrawal may not review it")
)
