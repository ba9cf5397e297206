"""Refusals of the identity service."""

from contracts.problems import ProblemType, register

SMS_CODE_WRONG = register(ProblemType("sms-code-wrong", 422, "短信验证码错误或已过期", "The SMS code is wrong or has expired"))
SMS_CODE_TOO_SOON = register(ProblemType("sms-code-too-soon", 409, "验证码发送过于频繁", "A code was sent less than a minute ago"))
NOT_REAL_NAME = register(
    ProblemType("real-name-not-confirmed", 422, "姓名与证件号码核验不一致", "Name and number do not match the population base")
)
SECOND_PROOF_WRONG = register(ProblemType("second-proof-not-confirmed", 422, "第二项信息核验不一致", "The second proof was not confirmed"))
FACE_WRONG = register(ProblemType("face-not-confirmed", 422, "实人认证未通过", "The face was not confirmed"))
ALREADY_REGISTERED = register(ProblemType("already-registered", 409, "该身份已注册，请直接登录", "Already registered: please sign in"))
PASSWORD_WRONG = register(
    ProblemType("password-wrong", 422, "原密码错误，或账号已暂时锁定", "The old password is wrong, or the account is locked for a while")
)
DEVICE_NOT_FOUND = register(ProblemType("device-not-found", 404, "没有此登录设备", "No such sign-on of yours"))
PROVIDER_AWAY = register(ProblemType("verification-provider-away", 503, "身份核验服务暂不可用", "The verification provider is away"))
PERSON_NOT_FOUND = register(ProblemType("person-not-found", 404, "用户不存在", "No such person"))
UPSTREAM_PLATFORM_AWAY = register(
    ProblemType("upstream-platform-away", 503, "国家或省级平台暂不可用", "The national or provincial platform is away")
)
UPSTREAM_PLATFORM_REFUSED = register(
    ProblemType(
        "upstream-platform-refused", 403, "国家或省级平台未能确认身份", "The national or provincial platform did not confirm the person"
    )
)
ORGANISATION_NOT_FOUND = register(ProblemType("organisation-not-found", 404, "法人账号不存在", "No such organisation"))
CLIENT_NOT_FOUND = register(ProblemType("client-not-found", 404, "应用不存在", "No such client"))
CLIENT_SETTINGS_NOT_ACCEPTABLE = register(
    ProblemType("client-settings-not-acceptable", 422, "应用的协议设置不可接受", "These protocol settings of a client are not acceptable")
)
CLIENT_WITHOUT_SECRET = register(
    ProblemType("client-without-secret", 409, "该应用不使用密钥口令", "This client does not prove itself by a secret")
)
CONSENT_NOT_FOUND = register(ProblemType("consent-not-found", 404, "没有这项同意", "No such consent"))
DOCUMENT_TAKEN = register(
    ProblemType(
        "document-not-available",
        409,
        "该证件暂不能登记，请先完成账号合并",
        "This document cannot be recorded before the accounts are merged",
    )
)
DOCUMENT_NOT_FOUND = register(ProblemType("document-not-found", 404, "证件不存在", "No such document"))
NAME_NEEDED = register(ProblemType("name-needed", 422, "首次实名需填写姓名", "The first document needs a name"))
NAME_NOT_THE_SAME = register(ProblemType("name-not-the-same", 422, "姓名与账号不一致", "The name is not that of the account"))
SECOND_PROOF_NEEDED = register(
    ProblemType("second-proof-needed", 422, "使用居民身份号码注册需提供第二项信息", "A resident number needs a second proof")
)
RESIDENT_NUMBER_HELD = register(
    ProblemType(
        "resident-number-held", 409, "账号已有居民身份号码，请申请更正", "The account has a resident number already: correct it instead"
    )
)
PERSON_NOT_VERIFIED = register(ProblemType("person-not-verified", 409, "该用户尚未实名", "The person's name has not been verified"))
MERGE_NOT_FOUND = register(ProblemType("merge-not-found", 404, "合并申请不存在或已过期", "No such merge request, or it has expired"))
MERGE_NOT_PROVEN = register(
    ProblemType("merge-not-proven", 422, "未能证明另一账号为本人所有", "That the other account is yours was not proven")
)
NOT_ONE_PERSON = register(ProblemType("not-one-person", 409, "两个账号信息不一致，不能合并", "The two accounts are not one person's"))
REPRESENTATIVE_WRONG = register(
    ProblemType("representative-not-confirmed", 422, "企业登记信息核验不一致", "Company, code and representative do not match the registry")
)
LICENCE_WRONG = register(
    ProblemType("licence-not-confirmed", 422, "电子营业执照核验未通过", "The electronic business licence was not confirmed")
)
ORGANISATION_DISSOLVED = register(ProblemType("organisation-dissolved", 409, "该法人已注销", "The organisation has been dissolved"))
STAFF_NOT_FOUND = register(ProblemType("staff-not-found", 404, "工作人员不存在", "No such member of staff"))
STAFF_NUMBER_TAKEN = register(ProblemType("staff-number-taken", 409, "该工号已登记", "This officer number is registered already"))
NOT_STAFF_MANAGER = register(
    ProblemType("not-a-staff-manager", 403, "无权管理本机构工作人员", "You may not manage the staff of this agency")
)
CITY_CODE_NOT_GENUINE = register(
    ProblemType("city-code-not-genuine", 422, "不是本市签发的随申码", "This is no city code, or was not signed by the city")
)
CITY_CODE_EXPIRED = register(
    ProblemType("city-code-expired", 422, "随申码已过期，请刷新后再出示", "The city code has expired: show a fresh one")
)
CITY_CODE_NOT_YET_VALID = register(
    ProblemType("city-code-not-yet-valid", 422, "随申码尚未生效，请检查时钟", "The city code is from the future: check the clocks")
)
CITY_CODE_OTHER_SCENE = register(
    ProblemType("city-code-other-scene", 422, "随申码不适用于此场景", "The city code was made for another scene")
)
CITY_CODE_USED = register(
    ProblemType("city-code-used", 409, "随申码已被使用，请刷新后再出示", "The city code was used before: show a fresh one")
)
CITY_CODE_REVOKED = register(ProblemType("city-code-revoked", 409, "随申码已更换或作废", "The city code was replaced or revoked"))
CITY_CODE_VERIFIER = register(
    ProblemType(
        "city-code-verifier-not-admitted",
        403,
        "接入方未获准在此场景核验随申码",
        "The party is not admitted to verify city codes in this scene",
    )
)
CITY_CODE_SCENE_UNKNOWN = register(ProblemType("city-code-scene-unknown", 404, "没有这个随申码场景", "No such scene of city codes"))
CITY_CODE_NOT_FOR = register(
    ProblemType("city-code-not-for-subject", 422, "该主体在此场景没有随申码", "This scene has no city codes for such a subject")
)
CITY_CODE_ASSURANCE = register(
    ProblemType("city-code-assurance-too-low", 403, "完成实人认证后才能使用随申码", "The city code needs a verified real person first")
)
CITY_CODE_MANDATE = register(
    ProblemType("city-code-not-by-mandate", 403, "代办授权不包括使用随申码", "This mandate does not reach the city code of another subject")
)
PAPER_CODE_NOT_FOUND = register(ProblemType("paper-code-not-found", 404, "没有这个纸质随申码", "No such paper code"))
MANDATE_NOT_FOUND = register(ProblemType("mandate-not-found", 404, "授权不存在", "No such mandate of this person"))
MANDATE_TO_ONESELF = register(ProblemType("mandate-to-oneself", 422, "不能授权给本人", "Nobody appoints themself"))
MANDATE_OVERLAPS = register(
    ProblemType("mandate-overlaps", 409, "已有相同事项和时间的授权", "There is a mandate for the same matters and time already")
)
MANDATE_TIME_NOT_VALID = register(
    ProblemType(
        "mandate-time-not-valid", 422, "授权期限不符合规定", "The mandate begins in the past, ends before it begins, or lasts too long"
    )
)
MANDATE_AGE = register(
    ProblemType("too-young-for-mandate", 403, "未满法定年龄，不能授权或代办", "Too young to appoint somebody or to act for them")
)
MANDATE_ASSURANCE = register(
    ProblemType(
        "assurance-too-low-for-mandate", 403, "实名认证等级不足，不能授权或代办", "A higher level of assurance is needed for this mandate"
    )
)
MANDATE_NOT_WAITING = register(
    ProblemType("mandate-not-awaiting-acceptance", 409, "该授权不在待确认状态", "The mandate does not await acceptance")
)
MANDATES_WAITING = register(
    ProblemType("too-many-mandates-waiting", 409, "待确认的授权过多，请先撤销", "Too many mandates await acceptance: revoke some first")
)
NOT_A_MINOR = register(ProblemType("not-a-minor", 422, "被监护人已成年", "Guardians act for minors only"))
GUARDIANSHIP_WRONG = register(
    ProblemType("guardianship-not-confirmed", 422, "监护关系核验不一致", "The population base does not confirm the guardianship")
)
