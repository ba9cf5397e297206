"""The suite's configuration files: who its clients are, and how its browser goes through our pages.

The suite drives a page by commands (`text`, `click`, `wait`) on ids; `update-image-placeholder` hands it the page that a
person would otherwise take a picture of. Source: the configuration form of the conformance suite, release 5.2.3.
"""

from dataclasses import dataclass
from typing import Any, Final

from deploy.conformance.clients import OAuthClient

Json = dict[str, Any]

ALIASES: Final = {
    "basic": "oidcc-basic-certification-test-plan",
    "config": "oidcc-config-certification-test-plan",
    "logout": "oidcc-rp-initiated-logout-certification-test-plan",
    "backchannel": "oidcc-backchannel-rp-initiated-logout-certification-test-plan",
    "fapi2": "fapi2-security-profile-final-test-plan",
}
"""By the name of the file, which is also what the suite calls the run: the plan it is for."""
VARIANTS: Final = {
    "basic": "[server_metadata=discovery][client_registration=static_client]",
    "config": "",
    "logout": "[client_registration=static_client][response_type=code]",
    "backchannel": "[client_registration=static_client][response_type=code]",
    "fapi2": "[openid=openid_connect][client_auth_type=private_key_jwt][sender_constrain=dpop][fapi_profile=plain_fapi]",
}
_ASKED_TWICE: Final = ("oidcc-prompt-login", "oidcc-max-age-1")
_REFUSED: Final = ("oidcc-ensure-registered-redirect-uri",)
_REFUSED_LOGOUTS: Final = (
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
)
_CONFIRMED_LOGOUTS: Final = ("oidcc-rp-initiated-logout-no-params", "oidcc-rp-initiated-logout-only-state")
_SAID_LOGOUTS: Final = ("oidcc-rp-initiated-logout-no-post-logout-redirect-uri",)


@dataclass(frozen=True, slots=True)
class Suite:
    """Where the suite is, without a slash at the end, and the provider that it tests.

    `refuser` is a second user, of the same password, who consents to nothing: whoever consented before is not asked again.
    """

    url: str
    issuer: str
    username: str
    refuser: str
    password: str

    def address(self, alias: str, name: str) -> str:
        return f"{self.url}/test/a/tongban-{alias}/{name}"


@dataclass(frozen=True, slots=True)
class Clients:
    """Of one plan. `posting` sends its secret in the form; it and `second` are needed by some plans only."""

    first: OAuthClient
    second: OAuthClient | None = None
    posting: OAuthClient | None = None


def configuration(suite: Suite, plan: str, clients: Clients | None) -> Json:
    """The file for a plan of `ALIASES`."""
    said: Json = {
        "alias": f"tongban-{plan}",
        "description": f"tongban, {ALIASES[plan]}",
        "server": {"discoveryUrl": f"{suite.issuer}/.well-known/openid-configuration"},
    }
    if clients is None:
        return said
    present = _with_key if plan == "fapi2" else _with_secret
    known = {"client": clients.first, "client2": clients.second, "client_secret_post": clients.posting}
    said |= {name: present(client) for name, client in known.items() if client}
    said |= {"browser": [_authorize(suite), _logout(suite)], "override": _overrides(suite)}
    if plan == "fapi2":
        said["resource"] = {"resourceUrl": f"{suite.issuer}/userinfo"}
        said["override"] = {"fapi2-security-profile-final-user-rejects-authentication": {"browser": [_authorize(suite, refuses=True)]}}
    return said


def _with_secret(client: OAuthClient) -> Json:
    return {"client_id": client.id, "client_secret": client.secret}


def _with_key(client: OAuthClient) -> Json:
    own = {**client.key.as_dict(private=True), "kid": client.key.thumbprint(), "alg": "ES256", "use": "sig"}
    return {"client_id": client.id, "scope": "openid profile", "jwks": {"keys": [own]}}


def _authorize(suite: Suite, *, refuses: bool = False, shows: bool = False) -> Json:
    """Sign on, consent when asked, and wait at the suite. `shows` hands over the sign-on page, when it comes a second time."""
    username, button = (suite.refuser, "deny") if refuses else (suite.username, "accept")
    picture: list[list[Any]] = [["wait", "id", "password", 10, ".*", "update-image-placeholder-optional"]] if shows else []
    return {
        "match": f"{suite.issuer}/authorize*",
        "tasks": [
            {
                "task": "Sign on",
                "optional": True,
                "match": f"{suite.issuer}/sign-on*",
                "commands": [
                    *picture,
                    ["text", "id", "username", username, "optional"],
                    ["text", "id", "password", suite.password],
                    ["click", "id", "submit"],
                ],
            },
            {"task": "Consent", "optional": True, "match": f"{suite.issuer}/consent*", "commands": [["click", "id", button]]},
            _back(suite, "callback"),
        ],
    }


def _back(suite: Suite, name: str, **more: Any) -> Json:
    # From the suite's own origin on: a redirect address inside our own would match as well.
    return {
        "task": "Verify Complete",
        "match": f"{suite.url}/test/*/{name}*",
        "commands": [["wait", "id", "submission_complete", 10]] if name == "callback" else [],
        **more,
    }


def _logout(suite: Suite) -> Json:
    confirm = {
        "task": "Confirm",
        "optional": True,
        "match": f"{suite.issuer}/logout*",
        "commands": [["click", "id", "accept", "optional"]],
    }
    return {"match": f"{suite.issuer}/logout*", "tasks": [confirm, _back(suite, "post_logout_redirect", optional=True)]}


def _shown(suite: Suite, path: str, element: str, *, first: list[list[Any]] | None = None) -> Json:
    """The page that the module ends on, handed over once this element is on it."""
    commands = [*(first or []), ["wait", "id", element, 10, ".*", "update-image-placeholder"]]
    return {
        "match": f"{suite.issuer}/{path}*",
        "tasks": [{"task": f"Show {element}", "match": f"{suite.issuer}/{path}*", "commands": commands}],
    }


def _overrides(suite: Suite) -> Json:
    """Modules that end on a page of ours instead of going back to the suite."""
    confirm = [["click", "id", "accept"]]
    return {
        **{name: {"browser": [_authorize(suite, shows=True)]} for name in _ASKED_TWICE},
        **{name: {"browser": [_shown(suite, "authorize", "description")]} for name in _REFUSED},
        **{name: {"browser": [_authorize(suite), _shown(suite, "logout", "description")]} for name in _REFUSED_LOGOUTS},
        **{name: {"browser": [_authorize(suite), _shown(suite, "logout", "signed-out", first=confirm)]} for name in _CONFIRMED_LOGOUTS},
        **{name: {"browser": [_authorize(suite), _shown(suite, "logout", "signed-out")]} for name in _SAID_LOGOUTS},
    }
