"""Why each act may be done and how long it may take: what a lawyer reads beside the table of `lifecycle`.

Source: 行政许可法; days are working days unless said otherwise, and those of settings or of the published version are named so.
"""

from dataclasses import dataclass
from typing import Final

from services.application.domain.lifecycle import Act


@dataclass(frozen=True, slots=True)
class Ground:
    """Legal basis and time limit, in both languages; an empty limit is none."""

    basis_zh: str
    basis_en: str
    limit_zh: str = ""
    limit_en: str = ""


def _law(article: str, limit_zh: str = "", limit_en: str = "") -> Ground:
    return Ground(f"行政许可法第{article}条", f"Administrative Licensing Law, Art. {article}", limit_zh, limit_en)


_RULE: Final = Ground("办件规则", "rules of the city for cases")
_PUBLISHED: Final = ("公布的时限", "its published limit")

GROUNDS: Final[dict[Act, Ground]] = {
    Act.SUBMIT: _law("29", "自收到起 5 日内受理或告知", "acceptance or notice within 5 days of receipt"),
    Act.BEGIN_PREREVIEW: Ground("上海市一网通办规定", "rules of the city for online services", "24 小时（自然时间）", "24 natural hours"),
    Act.REQUEST_CORRECTION: _law("32(4)", "5 日内一次告知，仅一次", "within 5 days, everything at once, once"),
    Act.CORRECT: Ground(
        "行政许可法第32(4)条；回退直达", "Art. 32(4); straight back to who asked", "规定期限，逾期终止", "a set term, then terminated"
    ),
    Act.ACCEPT: _law("32(5)", "承诺期限自次日起算", "the promise counts from the next day"),
    Act.DEEM_ACCEPTED: _law("32(4)", "5 日内未告知的，自收到之日", "no notice in 5 days: from the day of receipt"),
    Act.REFUSE_INTAKE: _law("32(1)(2)", "即时，书面，说明理由和有权机关", "at once, in writing, with reasons and the right agency"),
    Act.BEGIN_REVIEW: _law("34", "环节时限", "limits of the steps"),
    Act.CONCLUDE_STEP: _law("34", *_PUBLISHED),
    Act.RETURN: Ground(
        "回退直达；仅引用办事指南", "straight back; citing the guide only", "每个环节一次，期限不停止", "once a step; the clock goes on"
    ),
    Act.BEGIN_PROCEDURE: _law("34", *_PUBLISHED),
    Act.END_PROCEDURE: _law("34"),
    Act.SUSPEND: _law("45", "书面告知所需时间，不计入期限", "told in writing for how long; does not count"),
    Act.RESUME: _law("45", "期限继续计算", "the clock goes on"),
    Act.OFFER_HEARING: _law("47", "决定前", "before the decision"),
    Act.REQUEST_HEARING: _law("47", "被告知之日起 5 日内", "within 5 days of being told"),
    Act.ANNOUNCE_HEARING: _law("48(1)", "举行的 7 日前", "7 days before it is held"),
    Act.HOLD_HEARING: _law("47-48", "申请之日起 20 日内", "within 20 days of being asked"),
    Act.EXTEND: _law("42", "一次，至多 10 日", "once, at most 10 days"),
    Act.GRANT: _law("38, 42", "承诺期限，至迟法定期限", "the promise, at the latest the statutory term"),
    Act.REFUSE: _law("38, 42", "承诺期限，至迟法定期限；说明理由和救济途径", "as a grant; with reasons and remedies"),
    Act.ASK_FEE: _law("58-59", "仅限公布的收费目录", "the published list of fees only"),
    Act.EXTEND_SUPPLY: Ground(
        "容缺受理承诺", "acceptance with gaps: the applicant's promise to supply", "逾期后，仅一次", "when it is overdue, once"
    ),
    Act.DEEM_RENEWED: _law("50", "有效期届满未作决定的", "no decision by the last day of the permit"),
    Act.PRODUCE: _law("44", "决定之日起 10 日内颁发、送达", "issued and delivered within 10 days of the decision"),
    Act.ISSUE: _law("44"),
    Act.DELIVER: _law("44", "决定之日起 10 日内", "within 10 days of the decision"),
    Act.CLOSE: _RULE,
    Act.ARCHIVE: Ground("DA/T 85-2019", "DA/T 85-2019", "保管 10 年、30 年或永久", "kept for 10 or 30 years, or for ever"),
    Act.WITHDRAW: Ground("申请人处分其申请的权利", "the applicant's own right", "决定之前", "before the decision"),
    Act.TERMINATE: Ground(
        "补正逾期、容缺逾期、死亡或终止、重复、失去管辖权",
        "no answer in time, what was owed did not follow, death or dissolution, duplicate, lost jurisdiction",
    ),
    Act.CHANGE_OWNER: _RULE,
    Act.CHANGE_PERMIT: _law("49"),
    Act.REVOKE_PERMIT: _law("69-70", "说明理由，告知监管部门", "with reasons, told to who supervises"),
    Act.WITHDRAW_PERMIT: _law("8", "说明理由，依法补偿", "with reasons, and compensation by law"),
    Act.CANCEL_PERMIT: _law("70", "说明理由", "with reasons"),
    Act.RECOUNT: Ground("行政许可法第82条；国务院办公厅放假通知", "Art. 82; the State Council's notice on holidays"),
}
"""Of every act that moves a case, and of the submission that begins it."""
