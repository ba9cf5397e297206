"""Refusals of the certificate service."""

from contracts.problems import ProblemType, register

CERTIFICATE_NOT_FOUND = register(ProblemType("certificate-not-found", 404, "证照不存在", "No such certificate"))
TYPE_NOT_FOUND = register(ProblemType("certificate-type-not-found", 422, "证照类型不存在", "No such certificate type"))
CONTENT_NOT_VALID = register(
    ProblemType("certificate-content-not-valid", 422, "证照内容不符合该类型的要求", "The content does not fit the certificate type")
)
TYPES_REFUSED = register(ProblemType("types-refused", 422, "导入被拒绝，未写入任何数据", "The import was refused; nothing was taken"))
CERTIFICATE_NOT_USABLE = register(ProblemType("certificate-not-usable", 409, "证照当前不可使用", "The certificate cannot be used now"))
NOT_THE_HOLDER = register(ProblemType("not-the-holder", 404, "证照不存在", "No such certificate of this person"))
HOLDER_NOT_OF_TYPE = register(
    ProblemType("certificate-holder-not-of-type", 422, "此类证照的持证主体不是法人", "Organisations hold no certificates of this type")
)
NOT_THE_ISSUER = register(
    ProblemType("not-the-issuer", 403, "只能归集本机构颁发的证照", "A certificate is handed in by the agency that issued it")
)
NOT_A_MATERIAL = register(
    ProblemType("certificate-not-a-material", 403, "该事项的材料中没有此类证照", "The matter does not list certificates of this type")
)
PRESENTATION_UNKNOWN = register(ProblemType("presentation-not-found", 404, "亮证码不存在", "No such presentation"))
PRESENTATION_USED = register(ProblemType("presentation-already-used", 409, "亮证码已使用", "The presentation was used before"))
PRESENTATION_EXPIRED = register(ProblemType("presentation-expired", 410, "亮证码已过期", "The presentation has expired"))
ALREADY_DEPOSITED = register(ProblemType("certificate-already-there", 409, "该证照已归集", "This certificate is there already"))
