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
CASE_HAS_CHANGED = register(
    ProblemType("case-has-changed", 409, "办件已有变化，请刷新后再办理", "The case has changed since you read it: read it again")
)
ACT_NOT_POSSIBLE = register(ProblemType("act-not-possible", 409, "办件当前状态不能进行此操作", "The case is in no status for this"))
NOT_ONES_OWN_SCOPE = register(
    ProblemType("not-ones-own-scope", 403, "不得设置本人的办件范围", "Nobody sets which matters they see themselves")
)
TOO_MANY_STREAMS = register(ProblemType("too-many-streams", 429, "同时打开的实时连接过多", "Too many live streams are open at once"))
SLIP_REFUSED = register(ProblemType("slip-refused", 404, "查询编号或密码不正确", "No such number with this password"))
SLIP_LOCKED = register(ProblemType("slip-locked", 429, "密码错误次数过多，请稍后再试", "The password was wrong too often: come back later"))
