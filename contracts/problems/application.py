"""Refusals of the application service."""

from contracts.problems import ProblemType, register

RESIDENT_NUMBER_NEEDED = register(
    ProblemType("resident-number-needed", 409, "该事项的结果证照需要居民身份号码", "The certificate of this matter needs a resident number")
)
CARD_NOT_FOUND = register(ProblemType("card-not-found", 404, "监察牌不存在", "No such card"))
CARD_ANSWERED = register(
    ProblemType("card-answered", 409, "监察牌已答复，答复后不得更改", "The card was answered; an answer is not changed")
)
CASE_NOT_FOUND = register(ProblemType("case-not-found", 404, "办件不存在", "No such case"))
FILE_NOT_FOUND = register(ProblemType("file-not-found", 422, "文件不存在或不属于申请人", "No such file of this person"))
NOT_A_FILE_OF_THE_CASE = register(ProblemType("case-file-not-found", 404, "办件中没有该文件", "The case holds no such file"))
FILE_NOT_ACCEPTABLE = register(
    ProblemType(
        "file-not-acceptable", 415, "仅接受 PNG、JPEG 或 PDF 文件，且内容须与类型一致", "Only PNG, JPEG or PDF, as their content says"
    )
)
FORM_OUT_OF_DATE = register(
    ProblemType("form-out-of-date", 409, "事项已更新，请重新获取表单", "The matter has a newer version: fetch the form again")
)
VALUES_NOT_VALID = register(ProblemType("values-not-valid", 422, "表单填写不符合要求", "The form is not filled in as required"))
VALUE_IS_HELD = register(
    ProblemType(
        "value-differs-from-source", 422, "该信息由权威来源提供，不能修改", "The value is vouched for by its source and cannot be changed"
    )
)
MATERIALS_NOT_VALID = register(ProblemType("materials-not-valid", 422, "材料不符合要求", "The materials are not as required"))
CERTIFICATE_REFUSED = register(
    ProblemType("certificate-use-refused", 422, "该证照不能用于此材料", "The certificate cannot be used for this material")
)
MATTER_NOT_FOR_ORGANISATIONS = register(
    ProblemType("matter-not-for-organisations", 422, "该事项不面向法人办理", "Organisations cannot apply for this matter")
)
NOT_A_HANDLER = register(ProblemType("not-a-handler", 403, "仅承办的区和部门可以办理", "Only districts and departments handle cases"))
NOT_AWAITING_INTAKE = register(ProblemType("case-not-awaiting-intake", 409, "办件不在待受理状态", "The case does not await intake"))
NOT_AWAITING_CORRECTION = register(
    ProblemType("case-not-awaiting-correction", 409, "办件不在待补正状态", "The case does not await a correction")
)
NOT_AWAITING_DECISION = register(ProblemType("case-not-awaiting-decision", 409, "办件不在待决定状态", "The case does not await a decision"))
ALREADY_NOTIFIED = register(
    ProblemType(
        "correction-already-requested",
        409,
        "补正内容应当一次性告知，不得再次要求补正",
        "What is to be supplied is told once; a second notice is not allowed",
    )
)
CORRECTION_NOT_AS_ASKED = register(
    ProblemType("correction-not-as-asked", 422, "补正内容与告知内容不一致", "The correction does not answer the notice")
)
SAME_OFFICER_MAY_NOT_DECIDE = register(
    ProblemType("same-officer-may-not-decide", 409, "受办分离：受理人不得作出决定", "The officer who accepted the case may not decide it")
)
RESULT_NOT_VALID = register(
    ProblemType("result-content-not-valid", 422, "办理结果缺少证照所需内容", "The result lacks what its certificate needs")
)
CASE_NOT_GRANTED = register(ProblemType("case-not-granted", 409, "办件尚未准予", "The case has not been granted"))
NOBODY_ACTS_IN_IT = register(ProblemType("nobody-acts-in-it", 409, "该办件没有代办人", "Nobody acts for the applicant in this case"))
PERMIT_HAS_ENDED = register(
    ProblemType("permit-has-ended", 409, "许可已撤销、撤回或注销", "The permit was revoked, withdrawn or cancelled")
)
CASE_HAS_CHANGED = register(
    ProblemType("case-has-changed", 409, "办件已有变化，请刷新后再办理", "The case has changed since you read it: read it again")
)
ACT_NOT_POSSIBLE = register(ProblemType("act-not-possible", 409, "办件当前状态不能进行此操作", "The case is in no status for this"))
CALLBACK_NOT_FOUND = register(ProblemType("callback-not-found", 404, "未登记回调地址", "No callback is registered"))
CALLBACK_ADDRESS = register(
    ProblemType(
        "callback-address-not-acceptable",
        422,
        "回调地址不可接受：须为互联网域名的 https 地址",
        "The address of the callback is not acceptable: https at a name of the Internet is needed",
    )
)
REPLAY_TOO_LARGE = register(
    ProblemType("replay-too-large", 422, "该时段内的记录过多，请缩短时段", "Too much happened in this time: ask for less of it")
)
OPERATION_DIFFERS = register(
    ProblemType(
        "operation-says-something-else",
        409,
        "该业务流水号已用于另一内容的回传",
        "This operation number was handed in before and said something else",
    )
)
WORK_FORM_NOT_FOUND = register(ProblemType("work-form-not-found", 404, "工作表单不存在", "No such work form"))
WORK_FORM_ALTERED = register(
    ProblemType(
        "work-form-altered", 422, "工作表单与签发内容不符，可能被改动", "The work form is not as it was issued: it may have been altered"
    )
)
WORK_FORM_USED = register(
    ProblemType(
        "work-form-already-used",
        409,
        "该工作表单的结果已录入，可能被复制",
        "The result of this work form was entered before: it may be a copy",
    )
)
WORK_FORM_OVERTAKEN = register(
    ProblemType(
        "work-form-overtaken", 409, "办件在表单签发后已有变化，请重新打印", "The case has moved since the form was issued: print another"
    )
)
FINDING_NOT_FOUND = register(ProblemType("finding-not-found", 404, "核对发现不存在或已了结", "No such open finding"))
PERMIT_NOTICE_NOT_FOUND = register(ProblemType("permit-notice-not-found", 404, "推送信息不存在", "No such notice of a permit"))
NOT_ONES_OWN_SCOPE = register(
    ProblemType("not-ones-own-scope", 403, "不得设置本人的办件范围", "Nobody sets which matters they see themselves")
)
TOO_MANY_STREAMS = register(ProblemType("too-many-streams", 429, "同时打开的实时连接过多", "Too many live streams are open at once"))
SLIP_REFUSED = register(ProblemType("slip-refused", 404, "查询编号或密码不正确", "No such number with this password"))
SLIP_LOCKED = register(ProblemType("slip-locked", 429, "密码错误次数过多，请稍后再试", "The password was wrong too often: come back later"))
DRAFT_NOT_FOUND = register(ProblemType("draft-not-found", 404, "草稿不存在", "No such draft"))
DRAFT_HAS_CHANGED = register(
    ProblemType(
        "draft-has-changed", 409, "草稿已在另一设备上修改，请先取回", "The draft was saved elsewhere since you read it: read it again"
    )
)
TOO_MANY_DRAFTS = register(ProblemType("too-many-drafts", 409, "草稿过多，请先删除", "There are too many drafts: delete some first"))
JUDGEMENT_NOT_FOUND = register(
    ProblemType("judgement-not-found", 422, "没有该事项的预判记录", "Nothing was told to this applicant about this matter")
)
MATTER_NOT_JUDGED = register(ProblemType("matter-not-judged", 404, "该事项未提供条件预判", "The matter has no table to judge by"))
FILE_NOT_SAFE = register(
    ProblemType(
        "file-not-safe", 415, "文件含有不允许的内容或展开后过大", "The file holds what is not allowed, or is too large when unpacked"
    )
)
FILE_FORMAT_NOT_ASKED = register(
    ProblemType("file-format-not-asked", 422, "该材料不接受此文件格式", "The material may not be a file of this kind")
)
FILES_TOO_LARGE = register(ProblemType("case-files-too-large", 413, "办件的文件总量过大", "The files of the case are too large together"))
FILE_IN_USE = register(ProblemType("file-in-use", 409, "在办办件正在使用该文件", "A running case uses the file"))
COMMITMENT_BARRED = register(
    ProblemType(
        "commitment-barred",
        422,
        "申请人有严重失信记录，信用修复前不适用告知承诺，请提交证明",
        "Not open to whoever has a record of serious bad credit, until it is repaired: give the proof itself",
    )
)
MATERIAL_IS_HELD = register(
    ProblemType(
        "material-is-held",
        422,
        "该材料本市已持有，无需上传；如确需上传请说明原因",
        "The city holds the material: use it, or say why it is uploaded instead",
    )
)
SOURCE_NOT_DOWN = register(ProblemType("source-not-down", 422, "数据来源可用，无需上传", "The source of the material answers"))
MATERIAL_NOT_OWED = register(ProblemType("material-not-owed", 422, "该材料不在待补交之列", "The material is not owed"))
PRESENCE_NOT_PROVEN = register(
    ProblemType(
        "presence-not-proven", 409, "须先在窗口核验申请人身份", "An officer of the agency has to check the applicant at the window first"
    )
)
NOBODY_IS_COMPETENT = register(
    ProblemType("nobody-is-competent", 409, "该地没有机关行使此事项", "No agency decides this matter for the place")
)
COMPETENCE_IS_UNCLEAR = register(
    ProblemType(
        "competence-is-unclear",
        409,
        "所填地点不足以确定办理机关，请填写街镇或社区，或者选择办理机关",
        "The place does not say which agency decides: name the street or community, or choose an agency",
    )
)
NO_MANDATE_AT_HAND = register(
    ProblemType(
        "no-mandate-at-hand",
        422,
        "该经办人没有可用于此事项的授权",
        "Whoever is at the window has no mandate that reaches this matter now",
    )
)
APPLICANT_NOT_KNOWN = register(
    ProblemType(
        "applicant-not-known",
        422,
        "没有该申请人的账户，请先在窗口核验开户",
        "There is no account of such a person: check them at a window first",
    )
)
NOTICE_NOT_VALID = register(ProblemType("notice-not-valid", 422, "节假日安排有误", "The days are not those of a yearly notice of holidays"))
HOURS_NOT_VALID = register(ProblemType("hours-not-valid", 422, "上班时间须早于下班时间", "An office opens before it closes"))
NOT_IN_THIS_ROLE = register(ProblemType("not-in-this-role", 403, "该操作不属于此岗位", "This is not for who acts in this role"))
REVIEWER_MAY_NOT_DECIDE = register(
    ProblemType("reviewer-may-not-decide", 409, "审查人不得作出决定", "The officer who reviewed the case may not decide it")
)
REVIEWER_MAY_NOT_CHAIR = register(
    ProblemType("reviewer-may-not-chair", 409, "审查人不得担任听证主持人", "An officer who reviewed the case may not chair its hearing")
)
ALREADY_EXTENDED = register(ProblemType("already-extended", 409, "办理期限只能延长一次", "The term is extended once and no more"))
STEP_HAS_RETURNED = register(
    ProblemType("step-has-returned", 409, "本环节已退回补正过一次", "This step has asked the applicant before, and asks once")
)
STEPS_REMAIN = register(
    ProblemType(
        "steps-remain",
        409,
        "补正改变了审查环节所依据的内容，须重新出具意见",
        "Steps depend on what the applicant changed, and need a new opinion before a decision",
    )
)
SURVEY_NEEDS_TWO = register(
    ProblemType("survey-needs-two", 409, "现场核查应当由两名以上工作人员进行", "A site survey is done by two officers at least")
)
PROCEDURE_RUNS = register(ProblemType("procedure-runs", 409, "程序尚未结束", "A procedure is still running"))
HEARING_IS_PENDING = register(
    ProblemType(
        "hearing-is-pending", 409, "听证权利期限未满或听证尚未举行，不得作出决定", "There is a hearing to be asked for or held first"
    )
)
NO_HEARING_TO_ASK_FOR = register(
    ProblemType("no-hearing-to-ask-for", 409, "没有可申请或举行的听证", "There is no hearing to be asked for, or to be held")
)
HEARING_ASKED_TOO_LATE = register(
    ProblemType("hearing-asked-too-late", 409, "已超过申请听证的期限", "The days in which a hearing can be asked for are over")
)
HEARING_TIME_NOT_POSSIBLE = register(
    ProblemType(
        "hearing-time-not-possible",
        422,
        "听证时间应当在举行的七个工作日前通知，并在法定期限内",
        "A hearing is announced seven working days before it is held, and held within its term",
    )
)
HEARING_NOT_ANNOUNCED = register(
    ProblemType(
        "hearing-not-announced",
        409,
        "听证应当按照通知的时间和地点举行",
        "A hearing is held when and where the applicant was told, and not before",
    )
)
FEE_NOT_PUBLISHED = register(
    ProblemType(
        "fee-not-published",
        422,
        "不得收取本办件适用版本收费目录以外的费用",
        "No fee may be asked that is not in the published list of the version that the case runs under",
    )
)
FEE_ALREADY_ASKED = register(ProblemType("fee-already-asked", 409, "该项费用已告知缴纳", "This fee was asked in this case before"))
SUPPLY_ALREADY_EXTENDED = register(
    ProblemType("supply-already-extended", 409, "容缺补交期限只能延长一次", "The term for what is owed is extended once and no more")
)
NOTHING_OVERDUE = register(
    ProblemType("nothing-overdue", 409, "没有逾期未补的容缺材料", "Nothing that was to follow is overdue in this case")
)
BEYOND_THE_GUIDE = register(
    ProblemType(
        "beyond-the-guide",
        422,
        "只能引用本办件适用版本办事指南中的材料、条件和环节",
        "Only materials, conditions and steps of the guide that the case runs under may be cited",
    )
)
RESULT_IS_AWAITED = register(ProblemType("result-is-awaited", 409, "结果证照尚未制发", "The certificate has not been issued"))
APPROVAL_NOT_LIVE = register(
    ProblemType(
        "approval-not-yet-live",
        409,
        "自动审批须先影子运行、有人工比对结果，并由另一名工作人员启用",
        "A table goes live after a shadow run with cases that officers decided too, switched on by another officer",
    )
)
NO_AUTOMATIC_DECISION = register(ProblemType("no-automatic-decision", 404, "该办件没有经过自动审批", "No table was asked about this case"))
NOTHING_TO_RECHECK = register(
    ProblemType("nothing-to-recheck", 409, "没有待复核的自动审批", "There is no automatic grant to look at again")
)
NOT_CITY_WIDE = register(
    ProblemType("not-city-wide", 409, "该事项不在全市通办范围，请到主管区办理", "Only the district that decides this matter takes it in")
)
NOT_THE_UNIT = register(
    ProblemType("not-the-competent-unit", 403, "该环节应由主管、收件或出件单位办理", "This is for another unit of the case to do")
)
PACKAGE_CASE_NOT_FOUND = register(ProblemType("package-case-not-found", 404, "一件事办件不存在", "No such package was applied for"))
PACKAGE_OUT_OF_DATE = register(
    ProblemType("package-out-of-date", 409, "一件事已更新，请重新获取", "The package has a newer version: fetch it again")
)
BATCH_NOT_FOUND = register(ProblemType("exchange-batch-not-found", 404, "交换批次不存在", "No such batch"))
RECEIPT_IS_THERE = register(ProblemType("receipt-is-there", 409, "该批次已有回执", "The batch has its receipt already"))
NOT_OF_THE_BATCH = register(ProblemType("not-of-the-batch", 409, "回执所列记录不属于该批次", "The receipt names records of another batch"))
CASE_DOCUMENT_NOT_FOUND = register(ProblemType("case-document-not-found", 404, "没有这份文书", "There is no such document in the case"))
