"""The table that a lawyer reads is the one that the machine runs by."""

from deploy.lifecycle import PAGE, page
from services.application.domain.grounds import GROUNDS
from services.application.domain.lifecycle import RULES, Act


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == page()


def test_every_act_that_moves_a_case_has_a_basis_in_both_languages() -> None:
    assert GROUNDS.keys() == {Act.SUBMIT, *RULES}
    assert all(ground.basis_zh and ground.basis_en and bool(ground.limit_zh) == bool(ground.limit_en) for ground in GROUNDS.values())
