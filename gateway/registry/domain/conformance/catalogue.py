"""The checks by their stable ids, in the words an integrator reads."""

from typing import Final

from contracts.api.gateway import Check
from gateway.registry.domain.conformance.scripts import RECEIPT_WITHIN_S, WRITES_NEEDED

_SYSTEMS: Final = ("district", "department")
_ALL: Final = (*_SYSTEMS, "app")

_CHECKS: Final[tuple[tuple[str, tuple[str, ...], str, str], ...]] = (
    (
        "signature-form",
        _SYSTEMS,
        "每个请求带且仅带一个格式正确的签名（RFC 9421）",
        "Each request carries exactly one well-formed signature (RFC 9421)",
    ),
    (
        "signature-coverage",
        _SYSTEMS,
        "签名覆盖方法、主机、路径、查询串，以及摘要、内容类型、幂等键、经办人（如有）",
        "The signature covers method, authority, path and query, and digest, content type, idempotency key and officer where given",
    ),
    ("signature-key", _SYSTEMS, "签名由本接入方登记的密钥作出", "The signature is by a registered key of the party"),
    ("signature-age", _SYSTEMS, "签名时间 created 与请求时间相差不超过 60 秒", "`created` is within 60 seconds of the request"),
    ("signature-tag", _SYSTEMS, "签名标签为 tongban，算法为 ECDSA P-256", "The signature's tag is tongban, its algorithm ECDSA on P-256"),
    (
        "nonce-once",
        _SYSTEMS,
        "随机数 16 至 128 个字符，且从不重复使用，重试也不例外",
        "A nonce has 16 to 128 characters and is never used twice, not even by a retry",
    ),
    ("content-digest", _SYSTEMS, "请求体的摘要 Content-Digest 正确", "Content-Digest is that of the body"),
    (
        "client-assertion",
        ("app",),
        "以 private_key_jwt 换取令牌，断言短期有效且不重复使用",
        "Tokens are asked for by private_key_jwt; an assertion is short-lived and used once",
    ),
    (
        "pkce-s256",
        ("app",),
        "登录请求使用 PKCE S256，换取令牌时出示对应的验证串",
        "Sign-on uses PKCE with S256 and shows the verifier for the code",
    ),
    ("state-checked", ("app",), "回调中的 state 或 iss 不符时不换取令牌", "A call back with another state or issuer is not redeemed"),
    (
        "nonce-checked",
        ("app",),
        "ID 令牌的 nonce 不符时不使用其访问令牌",
        "With another nonce in the ID token the access token is not used",
    ),
    ("token-in-header", ("app",), "访问令牌只放在 Authorization 头中", "Access tokens travel in the Authorization header only (RFC 6750)"),
    ("refresh-once", ("app",), "令牌过期后刷新一次并继续", "After a token is called over it is refreshed once, and the call goes on"),
    (
        "idempotency-key",
        _ALL,
        "每个写请求带幂等键 Idempotency-Key，不同的写请求使用不同的键",
        "Each write carries an Idempotency-Key of its own",
    ),
    (
        "retry-same-request",
        _ALL,
        "应答丢失或 503 之后，以同一幂等键、同一内容重试",
        "After a lost answer or a 503 the same write is sent again under the same key",
    ),
    ("retry-after-429", _ALL, "收到 429 后，在 Retry-After 之内不再请求", "After a 429 nothing is asked before Retry-After is over"),
    ("retry-after-503", _ALL, "收到 503 后，在 Retry-After 之后才重试", "After a 503 the retry waits for Retry-After"),
    ("refusal-final", _ALL, "被拒绝（4xx）的写请求不原样重发", "A write that was refused (4xx) is not sent again as it was"),
    ("no-personal-query", _ALL, "查询串中没有身份证号、手机号等个人信息", "No personal data in query strings"),
    (
        "receipt-in-time",
        ("district",),
        f"每个派件在 {RECEIPT_WITHIN_S} 秒内受理或一次性告知补正",
        f"Each dispatched case is accepted or corrected within {RECEIPT_WITHIN_S} seconds",
    ),
    ("duplicate-once", ("district",), "重复出现的派件只办理一次", "A dispatch that is shown twice is handled once"),
    ("unknown-members", ("district",), "应答中出现未知字段时照常办理", "Members that no document names do not stop the handling"),
    (
        "officer-named",
        ("district",),
        "受理、补正、决定均写明经办人，并由签名覆盖",
        "Acceptance, correction and decision name their officer",
    ),
    (
        "two-officers",
        ("district",),
        "受办分离：决定由受理人以外的工作人员作出",
        "A case is decided, and by another officer than accepted it",
    ),
    (
        "writes-shown",
        ("department", "app"),
        f"至少发出 {WRITES_NEEDED} 个不同的写请求，并遇到全部情形",
        f"At least {WRITES_NEEDED} different writes are made, and all situations met",
    ),
)


def checks_for(kind: str) -> list[Check]:
    """What a system of this kind is asked to show, in the order in which it is told."""
    return [Check(id=name, zh=zh, en=en) for name, kinds, zh, en in _CHECKS if kind in kinds]
