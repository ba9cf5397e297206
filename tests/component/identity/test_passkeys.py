"""Passkeys: made on the account's page, used to sign on."""

import json
from datetime import timedelta

import pytest

from tests.component.identity.office import PASSWORD, Office, back, claims_of
from tests.component.identity.steps import account, options, press, real_person, with_passkey
from tests.support.authenticator import Authenticator


async def test_a_passkey_signs_on_without_a_name_as_a_real_person(office: Office) -> None:
    person = await real_person(office)
    await office.login()
    device = await with_passkey(office)
    page = await press(office, await office.page(), "passkey")
    assert "allowCredentials" not in options(page) or json.loads(options(page))["allowCredentials"] == []
    assert json.loads(options(page))["userVerification"] == "required"
    tokens = await office.redeem(back(await press(office, page, "passkey-used", credential=device.uses(options(page))))["code"])
    claims = claims_of(tokens.json()["access_token"])
    assert (claims["sub"], claims["assurance"], claims["amr"]) == (person, 3, ["hwk"])


async def test_only_a_page_with_a_passkey_runs_script_and_only_ours(office: Office) -> None:
    page = await press(office, await office.page(), "passkey")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page.text.count("<script") == 1
    script = await office.browse("GET", "/sign-on/passkey.js")
    assert script.headers["content-type"].startswith("text/javascript")


async def test_an_answer_counts_once(office: Office) -> None:
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    page = await press(office, await office.page(), "passkey")
    answer = device.uses(options(page))
    assert "code" in back(await press(office, page, "passkey-used", credential=answer))
    again = await press(office, await office.page(), "passkey")
    assert (await press(office, again, "passkey-used", credential=answer)).status_code == 401


async def test_an_answer_is_for_its_own_request_and_five_minutes(office: Office) -> None:
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    page = await press(office, await office.page(), "passkey")
    office.clock.advance(timedelta(minutes=5))
    assert (await press(office, page, "passkey-used", credential=device.uses(options(page)))).status_code == 401
    page = await press(office, await office.page(), "passkey")
    elsewhere = await office.page()
    assert (await press(office, elsewhere, "passkey-used", credential=device.uses(options(page)))).status_code == 401


@pytest.mark.parametrize("change", [{"is_verifying": False}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"count": -1}])
async def test_what_a_device_says_must_hold(office: Office, change: dict[str, object]) -> None:
    """Its user was verified, it was asked by our site, and nobody has used a copy of it."""
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    page = await press(office, await office.page(), "passkey")
    await press(office, page, "passkey-used", credential=device.uses(options(page)))
    for name, value in change.items():
        setattr(device, name, value)
    page = await press(office, await office.page(), "passkey")
    assert (await press(office, page, "passkey-used", credential=device.uses(options(page)))).status_code == 401


async def test_another_key_is_not_the_account_s(office: Office) -> None:
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    page = await press(office, await office.page(), "passkey")
    stranger = Authenticator(office.issuer, credential=device.credential)
    assert (await press(office, page, "passkey-used", credential=stranger.uses(options(page)))).status_code == 401


@pytest.mark.parametrize(
    "answer",
    ["", "{", "[]", "null", '{"id": 1}', '{"id": "AA", "response": {"clientDataJSON": "AA"}}', '{"response": 1, "id": "é"}', "[" * 5000],
)
async def test_what_is_no_answer_is_refused(office: Office, answer: str) -> None:
    page = await press(office, await office.page(), "passkey")
    assert (await press(office, page, "passkey-used", credential=answer)).status_code == 401


async def test_half_an_answer_is_refused_whichever_half(office: Office) -> None:
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    page = await press(office, await office.page(), "passkey")
    for name in ("authenticatorData", "signature", "clientDataJSON"):
        for broken in ("", "AA", 1, None):
            said = json.loads(device.uses(options(page)))
            said["response"][name] = broken
            assert (await press(office, page, "passkey-used", credential=json.dumps(said))).status_code == 401
            page = await press(office, await office.page(), "passkey")


async def test_a_passkey_is_made_by_who_knows_the_password_and_verified_at_the_device(office: Office) -> None:
    await office.registered()
    await office.login()
    for form in ({"password": "wrong-password"}, {}):
        page = await account(office, "/account/passkeys")
        made = Authenticator(office.issuer).makes(options(page))
        assert (await account(office, "/account/passkeys", {"action": "add", "credential": made, **form})).status_code == 401
    page = await account(office, "/account/passkeys")
    made = Authenticator(office.issuer, is_verifying=False).makes(options(page))
    assert (await account(office, "/account/passkeys", {"action": "add", "credential": made, "password": PASSWORD})).status_code == 422


async def test_a_challenge_for_signing_on_makes_no_passkey(office: Office) -> None:
    await office.registered()
    await office.login()
    page = await press(office, await office.page(), "passkey")
    await office.login()
    device = Authenticator(office.issuer)
    made = device.makes(options(page))
    assert (await account(office, "/account/passkeys", {"action": "add", "credential": made, "password": PASSWORD})).status_code == 422


async def test_a_removed_passkey_opens_nothing(office: Office) -> None:
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    form = {"action": "remove", "password": PASSWORD, "credential": device.credential.hex()}
    assert "已删除" in (await account(office, "/account/passkeys", form)).text
    page = await press(office, await office.page(), "passkey")
    assert (await press(office, page, "passkey-used", credential=device.uses(options(page)))).status_code == 401


async def test_nobody_removes_another_s_passkey(office: Office) -> None:
    await office.registered()
    await office.login()
    device = await with_passkey(office)
    office.clock.advance(timedelta(minutes=1))
    await office.registered(1, phone="13800000002")
    await office.login(username="13800000002")
    form = {"action": "remove", "password": PASSWORD, "credential": device.credential.hex()}
    assert (await account(office, "/account/passkeys", form)).status_code == 200
    page = await press(office, await office.page(), "passkey")
    assert "code" in back(await press(office, page, "passkey-used", credential=device.uses(options(page))))
