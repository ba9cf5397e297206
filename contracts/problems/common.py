"""Problems that any service may answer."""

from contracts.problems import ProblemType, register

MALFORMED_BODY = register(ProblemType("malformed-body", 400, "请求体不是规范的 JSON", "The body is not well-formed JSON"))
IDEMPOTENCY_KEY_REQUIRED = register(
    ProblemType("idempotency-key-required", 400, "缺少或错误的 Idempotency-Key 请求头", "The Idempotency-Key header is missing or wrong")
)
NOT_AUTHENTICATED = register(ProblemType("not-authenticated", 401, "未通过身份认证", "The caller is not authenticated"))
FORBIDDEN = register(ProblemType("forbidden", 403, "无权执行此操作", "The caller may not do this"))
MATTER_NOT_IN_MANDATE = register(ProblemType("matter-not-in-mandate", 403, "授权不包括该事项", "The mandate does not reach this matter"))
NOT_BY_MANDATE = register(
    ProblemType("not-by-mandate", 403, "此事项须本人办理，不可代理", "Only the person themself can do this; a mandate does not reach it")
)
NOT_FOUND = register(ProblemType("not-found", 404, "资源不存在", "No such resource"))
METHOD_NOT_ALLOWED = register(ProblemType("method-not-allowed", 405, "不支持此请求方法", "The method is not allowed here"))
CONFLICT = register(ProblemType("conflict", 409, "与当前状态冲突", "In conflict with the current state"))
REQUEST_IN_PROGRESS = register(ProblemType("request-in-progress", 409, "相同请求正在处理", "The same request is still being worked on"))
BODY_TOO_LARGE = register(ProblemType("body-too-large", 413, "请求体过大", "The body is too large"))
UNSUPPORTED_MEDIA_TYPE = register(ProblemType("unsupported-media-type", 415, "不支持的内容类型", "The content type is not supported"))
INVALID_REQUEST = register(ProblemType("invalid-request", 422, "请求内容不符合要求", "The request is not valid"))
IDEMPOTENCY_KEY_REUSED = register(
    ProblemType("idempotency-key-reused", 422, "同一 Idempotency-Key 用于不同请求", "The Idempotency-Key was used for another request")
)
INTERNAL = register(ProblemType("internal-error", 500, "系统内部错误", "Internal error"))
UNAVAILABLE = register(ProblemType("unavailable", 503, "服务暂不可用，请稍后重试", "Temporarily unavailable, try again later"))
