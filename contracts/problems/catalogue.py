"""Refusals of the catalogue."""

from contracts.problems import ProblemType, register

MATTER_NOT_FOUND = register(ProblemType("matter-not-found", 404, "事项不存在或未发布", "No such matter is published"))
IMPORT_REFUSED = register(ProblemType("import-refused", 422, "导入被拒绝，未写入任何数据", "The import was refused; nothing was taken"))
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
