"""Keys of city codes: a retired one is believed for as long as it is published, and signs nothing."""

import json
from pathlib import Path

import pytest

from contracts.values import CityCode, CityCodeId, CityCodeType, PresentedCode
from services.identity.domain.city_codes import NotGenuine
from services.identity.signing import CityCodeKeys
from tests.support.service import private_key


def keys(folder: Path, member: str, retired: CityCodeKeys | None = None) -> CityCodeKeys:
    (folder / f"{member}.pem").write_bytes(private_key(member))
    (folder / "retired.json").write_text(json.dumps(retired.key_set() if retired else {"keys": []}))
    return CityCodeKeys.from_files(folder / f"{member}.pem", folder / "retired.json")


def code(kid: str) -> CityCode:
    return CityCode(CityCodeType.PERSON, "h" * 22, "culture", 1_790_000_000, 60, CityCodeId("A" * 16), kid)


def test_codes_of_a_retired_key_are_believed_until_it_is_published_no_more(tmp_path: Path) -> None:
    before = keys(tmp_path, "before")
    after = keys(tmp_path, "after", before)
    old, new = before.signed(code(before.kid)), after.signed(code(after.kid))
    assert [after.genuine(text).kid for text in (old, new)] == [before.kid, after.kid]
    assert [key["kid"] for key in after.key_set()["keys"]] == [after.kid, before.kid]
    with pytest.raises(NotGenuine):
        keys(tmp_path, "after").genuine(old)


def test_a_key_signs_under_its_own_name_only(tmp_path: Path) -> None:
    before = keys(tmp_path, "before")
    after = keys(tmp_path, "after", before)
    with pytest.raises(NotGenuine):
        after.genuine(after.signed(code(before.kid)))


def test_a_signature_is_sixty_four_bytes_over_everything_before_it(tmp_path: Path) -> None:
    ours = keys(tmp_path, "before")
    shown = PresentedCode.read(ours.signed(code(ours.kid)))
    assert (len(shown.signature), shown.signed) == (64, code(ours.kid).signed_text())
