"""Refusals of the gateway's six rooms and of its control plane."""

from contracts.problems import ProblemType, register

# 安全防护 protection
BAD_REQUEST_LINE = register(ProblemType("bad-request-line", 400, "请求路径或请求头不规范", "The path or the headers are not acceptable"))
HEADERS_TOO_LARGE = register(ProblemType("headers-too-large", 431, "请求头过多或过大", "Too many or too large headers"))
REQUEST_LATE = register(ProblemType("request-late", 408, "请求未在时限内送达", "The request did not arrive in time"))
REPLAYED_REQUEST = register(ProblemType("replayed-request", 409, "请求已使用过，不能重放", "This signed request was used before"))
RATE_LIMITED = register(ProblemType("rate-limited", 429, "调用超出限额", "The party's limit is used up"))
# 接入管理 access
UNREGISTERED_PARTY = register(ProblemType("unregistered-party", 401, "调用方未接入登记", "The caller is not a registered party"))
SIGNATURE_NOT_VALID = register(ProblemType("signature-not-valid", 401, "请求签名无效", "The request's signature is not valid"))
TOKEN_NOT_VALID = register(ProblemType("token-not-valid", 401, "访问令牌无效或已过期", "The access token is not valid or has expired"))
PARTY_NOT_ACTIVE = register(ProblemType("party-not-active", 403, "接入方未启用或已停用", "The party is not active"))
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
# 授权管理 authorisation
PERMISSION_NOT_GRANTED = register(ProblemType("permission-not-granted", 403, "未获授权", "The permission is not granted"))
ASSURANCE_TOO_LOW = register(ProblemType("assurance-too-low", 401, "实名认证等级不足", "A higher level of assurance is needed"))
SIGN_ON_TOO_OLD = register(ProblemType("sign-on-too-old", 401, "需要重新认证", "A fresh sign-on is needed"))
# 门户集成 portal
CHANNEL_CLOSED = register(ProblemType("channel-closed", 403, "渠道未开放", "The channel is closed"))
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
