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
ORGANISATION_NOT_FOUND = register(ProblemType("organisation-not-found", 404, "法人账号不存在", "No such organisation"))
CLIENT_NOT_FOUND = register(ProblemType("client-not-found", 404, "应用不存在", "No such client"))
CLIENT_SETTINGS_NOT_ACCEPTABLE = register(
    ProblemType("client-settings-not-acceptable", 422, "应用的协议设置不可接受", "These protocol settings of a client are not acceptable")
)
CLIENT_WITHOUT_SECRET = register(
    ProblemType("client-without-secret", 409, "该应用不使用密钥口令", "This client does not prove itself by a secret")
)
CONSENT_NOT_FOUND = register(ProblemType("consent-not-found", 404, "没有这项同意", "No such consent"))
