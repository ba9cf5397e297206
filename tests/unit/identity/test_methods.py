"""What each way of proving oneself is worth, as data."""

import pytest

from contracts.values import Assurance
from services.identity.commands.proofs import methods, worth
from services.identity.domain.methods import MethodCode


def test_every_method_is_described_once() -> None:
    assert set(methods()) == set(MethodCode)
    assert len({each.amr for each in methods().values()}) == len(MethodCode)


@pytest.mark.parametrize(
    ("code", "account", "level"),
    [
        (MethodCode.SMS, Assurance.CERTIFIED, 2),
        (MethodCode.PASSWORD, Assurance.CERTIFIED, 3),
        (MethodCode.PASSKEY, Assurance.CERTIFIED, 3),
        (MethodCode.PASSWORD, Assurance.REAL_NAME, 2),
        (MethodCode.SMS, Assurance.PHONE, 1),
    ],
)
def test_a_proof_is_worth_the_lesser_of_account_and_method(code: MethodCode, account: Assurance, level: int) -> None:
    assert worth(code, account) == level
