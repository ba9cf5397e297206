"""Refusals of shared data: of items and lists, of scenes, and of calls. Each call's refusal is a rule of its own."""

from contracts.problems import ProblemType, register

# Items, lists and scenes
ITEM_NOT_FOUND = register(ProblemType("data-item-not-found", 404, "数据项未登记", "No such data item"))
ITEM_NOT_PROPOSED = register(ProblemType("data-item-not-proposed", 409, "数据项不在待审核状态", "The data item does not await a review"))
ITEM_IN_REVIEW = register(ProblemType("data-item-in-review", 409, "数据项的新版本正在审核", "A version of the data item awaits its review"))
ITEM_OF_ANOTHER = register(ProblemType("data-item-of-another", 403, "数据项属于其他部门", "The data item is another agency's"))
ITEM_NOT_IN_USE = register(ProblemType("data-item-not-in-use", 409, "数据项未启用或已停用", "The data item is not in use"))
SUPPLIER_ADDRESS = register(
    ProblemType("supplier-address-not-acceptable", 422, "数据服务地址不可接受", "The address of the data service is not acceptable")
)
LIST_ENTRY_NOT_FOUND = register(ProblemType("list-entry-not-found", 404, "清单中没有此条目", "No such entry of the list"))
SCENE_NOT_FOUND = register(ProblemType("scene-not-found", 404, "场景不存在", "No such scene"))
SCENE_NOT_AWAITING = register(ProblemType("scene-not-awaiting-answer", 409, "场景不在待审核状态", "The scene does not await this answer"))
SCENE_NOT_IN_FORCE = register(ProblemType("scene-not-in-force", 409, "场景授权未生效或已终止", "The scene is not in force"))
SCENE_NOT_ACCEPTABLE = register(
    ProblemType("scene-not-acceptable", 422, "场景申请不符合规则", "The scene asks for what cannot be authorised")
)
NEEDS_SECOND_OFFICER = register(
    ProblemType("needs-second-officer", 409, "放宽须由两人审批", "What widens access is proposed by one officer and approved by another")
)
RESOURCE_NOT_FOUND = register(ProblemType("resource-not-found", 404, "没有此资源", "No such resource"))
RESOURCE_IS_NEEDED = register(
    ProblemType("resource-is-needed", 409, "此资源是管理资源所必需，不能停用", "The resource is needed to manage resources")
)
RESOURCE_IS_RETIRED = register(ProblemType("resource-is-retired", 409, "资源已停用", "The resource is retired already"))
RESOURCE_IS_ACTIVE = register(ProblemType("resource-is-active", 409, "资源在用", "The resource is in use already"))

# Calls, by the rule that is broken
NO_SCENE = register(ProblemType("no-scene", 403, "没有生效的场景授权", "No scene in force authorises the call"))
SCENE_REVOKED = register(ProblemType("scene-revoked", 403, "场景授权已撤销", "The scene was revoked"))
SCENE_EXPIRED = register(ProblemType("scene-expired", 403, "场景授权不在有效期内", "The scene is not valid today"))
ITEM_OUTSIDE = register(ProblemType("item-outside-scene", 403, "数据项不在场景授权内", "The data item is outside the scene"))
FIELD_OUTSIDE = register(ProblemType("field-outside-scene", 403, "字段不在场景授权内", "A field is outside the scene"))
MATTER_OUTSIDE = register(ProblemType("matter-outside-scene", 403, "事项不在场景授权内", "The case is of a matter outside the scene"))
VERIFY_PREFERRED = register(
    ProblemType("verify-preferred", 403, "此场景只可核验，不可查询", "The scene authorises to verify, which is preferred to a query")
)
MODE_NOT_OFFERED = register(ProblemType("mode-not-offered", 403, "数据项不提供此调用方式", "The data item is not offered in this way"))
NEGATIVE_LIST = register(ProblemType("negative-list", 403, "数据项在负面清单中，不得共享", "The data item is on the negative list"))
ITEM_GONE = register(ProblemType("data-item-gone", 410, "数据项已停用", "The data item is out of use"))
CASE_NOT_ALIVE = register(ProblemType("case-not-alive", 403, "办件已办结，不得再调用数据", "The case is decided; no data is called for it"))
CASE_NOT_YOURS = register(ProblemType("case-not-yours", 403, "办件不由本单位办理", "The case is not handled by the caller"))
SUBJECT_NOT_IN_CASE = register(ProblemType("subject-not-in-case", 403, "数据主体不是办件当事人", "The subject is no party to the case"))
DAILY_CAP = register(ProblemType("daily-cap", 429, "场景当日调用次数已用完", "The scene's calls of today are used up"))
ITEM_QUOTA = register(ProblemType("item-quota", 429, "数据项当日配额已用完", "The data item's quota of today is used up"))
SUPPLIER_AWAY = register(ProblemType("supplier-away", 503, "数据提供方暂不可用", "The supplier does not answer"))
SUPPLIER_REFUSED = register(ProblemType("supplier-refused", 502, "数据提供方拒绝了调用", "The supplier refused the call"))
SUPPLIER_NONSENSE = register(
    ProblemType("supplier-answer-not-valid", 502, "数据提供方的答复不合规", "The supplier's answer is not as agreed")
)
DATA_STALE = register(ProblemType("data-stale", 502, "数据已超过约定时效", "The data is older than agreed"))
