"""Refusals of the gateway's six rooms and of its control plane."""

from contracts.problems import ProblemType, register

# 安全防护 protection
BAD_REQUEST_LINE = register(ProblemType("bad-request-line", 400, "请求路径或请求头不规范", "The path or the headers are not acceptable"))
HEADERS_TOO_LARGE = register(ProblemType("headers-too-large", 431, "请求头过多或过大", "Too many or too large headers"))
REQUEST_LATE = register(ProblemType("request-late", 408, "请求未在时限内送达", "The request did not arrive in time"))
REPLAYED_REQUEST = register(ProblemType("replayed-request", 409, "请求已使用过，不能重放", "This signed request was used before"))
RATE_LIMITED = register(ProblemType("rate-limited", 429, "调用频率超出限额", "The party calls more often than its limit allows"))
DAY_USED_UP = register(ProblemType("day-used-up", 429, "当日调用额度已用完", "The party's quota of the day is used up"))
PURPOSE_USED_UP = register(
    ProblemType("purpose-used-up", 429, "该用途的当日调用额度已用完", "The party's quota of the day for this purpose is used up")
)
ADDRESS_LIMITED = register(ProblemType("address-limited", 429, "该地址访问过于频繁", "Too many requests come from this address"))
OVERLOADED = register(ProblemType("overloaded", 503, "系统繁忙，请稍后再试", "Too much is going on right now; try again shortly"))
# 接入管理 access
UNREGISTERED_PARTY = register(ProblemType("unregistered-party", 401, "调用方未接入登记", "The caller is not a registered party"))
SIGNATURE_NOT_VALID = register(ProblemType("signature-not-valid", 401, "请求签名无效", "The request's signature is not valid"))
TOKEN_NOT_VALID = register(ProblemType("token-not-valid", 401, "访问令牌无效或已过期", "The access token is not valid or has expired"))
PARTY_NOT_ACTIVE = register(ProblemType("party-not-active", 403, "接入方未启用或已停用", "The party is not active"))
PARTY_EXPIRED = register(ProblemType("party-expired", 403, "接入有效期已满", "The party's registration has expired"))
ADDRESS_NOT_REGISTERED = register(
    ProblemType("address-not-registered", 403, "调用来源地址未登记", "The party may not call from this address")
)
CERTIFICATE_REQUIRED = register(
    ProblemType("certificate-required", 401, "需要已登记的客户端证书", "A registered TLS client certificate is needed")
)
PURPOSE_NOT_REGISTERED = register(
    ProblemType(
        "purpose-not-registered", 403, "须写明已登记的调用用途", "The call must name one of the purposes that its party is registered for"
    )
)
# 用户管理 users
PERSON_REQUIRED = register(ProblemType("person-required", 401, "需要用户登录", "A signed-in person is needed"))
NOT_BY_MANDATE = register(
    ProblemType("not-by-mandate", 403, "此事项须本人办理，不可代理", "Only the person themself can do this; a mandate does not reach it")
)
OFFICER_NOT_REGISTERED = register(
    ProblemType("officer-not-registered", 403, "经办人未在接入方登记", "The officer is not registered with the party")
)
# 资源管理 resources
RESOURCE_NOT_REGISTERED = register(ProblemType("resource-not-registered", 404, "资源未登记", "The resource is not registered"))
RESOURCE_METHOD = register(ProblemType("resource-method", 405, "资源不支持此方法", "The resource does not take this method"))
RESOURCE_NOT_ACTIVE = register(ProblemType("resource-not-active", 410, "资源已停用", "The resource is out of use"))
RESOURCE_SUNSET = register(ProblemType("resource-sunset", 410, "资源已过停用日期", "The resource is past its announced end"))
# 授权管理 authorisation
PERMISSION_NOT_GRANTED = register(ProblemType("permission-not-granted", 403, "未获授权", "The permission is not granted"))
ASSURANCE_TOO_LOW = register(ProblemType("assurance-too-low", 401, "实名认证等级不足", "A higher level of assurance is needed"))
SIGN_ON_TOO_OLD = register(ProblemType("sign-on-too-old", 401, "需要重新认证", "A fresh sign-on is needed"))
# 门户集成 portal
CHANNEL_CLOSED = register(ProblemType("channel-closed", 403, "渠道未开放", "The channel is closed"))
CHANNEL_NOT_REGISTERED = register(
    ProblemType("channel-not-registered", 403, "接入方未登记此渠道", "The party is not registered for this channel")
)
CHANNEL_NOT_ALLOWED = register(
    ProblemType("channel-not-allowed", 403, "此渠道不提供该服务", "The channel's policy does not let this through")
)
# The way behind the rooms
UPSTREAM_AWAY = register(ProblemType("upstream-away", 502, "后端服务无响应", "The service behind did not answer"))
UPSTREAM_SHED = register(ProblemType("upstream-shed", 503, "后端服务暂不可用", "The service behind is not available now"))
UPSTREAM_LATE = register(ProblemType("upstream-late", 504, "后端服务响应超时", "The service behind did not answer in time"))
# Control plane
PARTY_NOT_FOUND = register(ProblemType("party-not-found", 404, "接入方不存在", "No such party"))
PARTY_NOT_APPLIED = register(ProblemType("party-not-awaiting-approval", 409, "接入方不在待审核状态", "The party does not await approval"))
SAME_OFFICER = register(
    ProblemType("same-officer-may-not-approve", 409, "申请人与审核人不得为同一人", "The officer who applied may not approve")
)
PARTY_NOT_RUNNING = register(ProblemType("party-not-in-use", 409, "接入方不在启用状态", "The party is not in use"))
KEY_NOT_ACCEPTABLE = register(ProblemType("key-not-acceptable", 422, "密钥必须是 P-256 公钥", "A key must be a public key on P-256"))
REDIRECT_NOT_ACCEPTABLE = register(
    ProblemType("redirect-not-acceptable", 422, "回调地址必须是 https 或本机地址", "A redirect address must be https or on loopback")
)
CHANNEL_NOT_FOUND = register(ProblemType("channel-not-found", 404, "渠道不存在", "No such channel"))
CHANNEL_KNOWN = register(ProblemType("channel-known", 409, "渠道代码已登记", "A channel is registered under this code"))
CHANNEL_NOT_OPEN = register(ProblemType("channel-not-open", 409, "渠道不在开放状态", "The channel is not open"))
CHANNEL_OF_OFFICERS = register(
    ProblemType("channel-of-officers", 409, "运营渠道须保持可用", "The officers' own channel must stay usable: nobody could open it again")
)
WIDENING_NEEDS_TWO = register(
    ProblemType(
        "widening-needs-two",
        409,
        "放宽权限须提出变更并由另一人审核",
        "What widens access is proposed as a change and approved by another officer",
    )
)
ORIGIN_NOT_ACCEPTABLE = register(
    ProblemType(
        "origin-not-acceptable", 422, "网页来源须为确切的 https 来源或本机来源", "An origin must be exact, and https or on loopback"
    )
)
HOURS_NOT_ACCEPTABLE = register(ProblemType("hours-not-acceptable", 422, "开放时间的起点须早于终点", "Opening hours begin before they end"))
PART_LATE = register(ProblemType("part-late", 504, "该部分未在时限内返回", "This part did not come in time"))
PART_NOT_KEPT = register(
    ProblemType("part-not-kept", 404, "尚未为此类主体提供该部分", "This part is not kept for this kind of subject yet")
)
POLICY_VERSION_NOT_FOUND = register(ProblemType("policy-version-not-found", 404, "没有此版本的策略", "No such version of the policies"))
POLICY_VERSION_NOT_PROPOSED = register(
    ProblemType("policy-version-not-proposed", 409, "此版本策略不在待审核状态", "The version of the policies does not await approval")
)
POLICY_VERSION_OVERTAKEN = register(
    ProblemType(
        "policy-version-overtaken",
        409,
        "提出后策略已另有变更，须重新提出",
        "Other policies came into force since this version was proposed",
    )
)
POLICY_TEXT_NOT_ACCEPTABLE = register(
    ProblemType(
        "policy-text-not-acceptable", 422, "策略文本有误或未通过策略用例", "The text has faults, or does not decide its cases as expected"
    )
)
DECISION_NOT_FOUND = register(ProblemType("decision-not-found", 404, "没有此决策记录", "No such decision is recorded"))
EVALUATION_NOT_READABLE = register(
    ProblemType(
        "evaluation-not-readable", 400, "授权判定请求不符合 AuthZEN 规范", "The request is not one of the AuthZEN Authorization API"
    )
)
PARTY_WITHOUT_KEY = register(ProblemType("party-without-production-key", 409, "接入方没有生产密钥", "The party has no key for production"))
CONFORMANCE_MISSING = register(
    ProblemType("conformance-not-shown", 409, "接入方尚未通过符合性测试", "The party has not passed its conformance run")
)
WIDENS_ACCESS = register(
    ProblemType(
        "needs-a-second-officer",
        409,
        "放宽权限须提交变更并由他人审核",
        "What widens access is proposed as a change and approved by another",
    )
)
NETWORK_NOT_ACCEPTABLE = register(
    ProblemType("network-not-acceptable", 422, "地址段格式不正确", "A network must be a CIDR block without host bits")
)
PARTY_KEY_NOT_FOUND = register(ProblemType("party-key-not-found", 404, "接入方没有此密钥", "The party has no such key"))
PARTY_KEY_KNOWN = register(ProblemType("party-key-known", 409, "该密钥已登记过", "The key was registered before"))
STATEMENT_NOT_VALID = register(ProblemType("key-statement-not-valid", 422, "换钥声明无效", "The statement about the new key is not valid"))
CHANGE_NOT_FOUND = register(ProblemType("change-not-found", 404, "变更不存在", "No such change"))
CHANGE_DECIDED = register(ProblemType("change-already-decided", 409, "变更已有结论", "The change was decided before"))
CHANGE_WITHOUT_EFFECT = register(
    ProblemType("change-without-effect", 409, "变更对象已不在相应状态", "What the change is about is not in the state that it needs")
)
NOT_THE_PROPOSER = register(
    ProblemType("not-the-proposer", 409, "只有提出人可以撤回变更", "Only the officer who proposed a change may withdraw it")
)
CONFORMANCE_RUN_NOT_FOUND = register(
    ProblemType("conformance-run-not-found", 404, "验收运行不存在", "No such conformance run of this party")
)
CONFORMANCE_RUN_ENDED = register(
    ProblemType("conformance-run-ended", 409, "验收运行已结束，请重新开始", "The conformance run has ended; begin another")
)
CONFORMANCE_RUN_EXPIRED = register(
    ProblemType("conformance-run-expired", 409, "验收运行已超时，请重新开始", "The conformance run is out of time; begin another")
)
CONFORMANCE_RUNS_USED_UP = register(
    ProblemType("conformance-runs-used-up", 409, "今日验收次数已用完", "The party has begun as many conformance runs as a day allows")
)
CONFORMANCE_NOT_GENUINE = register(
    ProblemType("conformance-transcript-not-genuine", 422, "验收记录与本次运行的脚本不符", "The transcript is not one of this run's script")
)
DUTIES_NOT_APART = register(
    ProblemType(
        "duties-not-apart",
        422,
        "三员须分立：每项职责须有本方人员承担",
        "Every duty must be held by an officer of the console, and by its officers only",
    )
)
