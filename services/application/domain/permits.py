"""What becomes of a permit after its grant."""

from typing import Final, Literal

from chassis.errors import Conflict, NotFound
from contracts.problems import application as problems
from services.application.domain.lifecycle import Act

End = Literal["revocation", "withdrawal", "cancellation"]
ENDS: Final[dict[Act, End]] = {
    Act.REVOKE_PERMIT: "revocation",
    Act.WITHDRAW_PERMIT: "withdrawal",
    Act.CANCEL_PERMIT: "cancellation",
}
"""What holds no more after one of these. Source: 行政许可法 Art. 8, 69, 70."""


class NoSuchPermitNotice(NotFound):
    problem = problems.PERMIT_NOTICE_NOT_FOUND


class PermitHasEnded(Conflict):
    problem = problems.PERMIT_HAS_ENDED
