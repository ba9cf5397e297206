"""The cookies of a browser: its sign-on, and the requests that wait for it. `__Host-` and Secure when the issuer is https."""

from fastapi import Request, Response

from services.identity.domain.secrets import new_secret

SIGN_ON = "tongban-sso"
STAFF = "tongban-staff"
"""The sign-on of an officer, apart from that of the person who the officer is at home."""
DISPLAY = "tongban-display"
"""Language and size of type; no secret."""
BROWSER = "tongban-browser"


def read(request: Request, issuer: str, name: str) -> str | None:
    return request.cookies.get(_named(issuer, name))


def write(response: Response, issuer: str, name: str, secret: str, *, max_age_s: int | None = None) -> None:
    """Without `max_age_s` the cookie ends with the browser."""
    is_https = issuer.startswith("https://")
    response.set_cookie(_named(issuer, name), secret, max_age=max_age_s, path="/", secure=is_https, httponly=True, samesite="lax")


def forget(response: Response, issuer: str, name: str) -> None:
    response.delete_cookie(_named(issuer, name), path="/", secure=issuer.startswith("https://"), httponly=True, samesite="lax")


def browser_of(request: Request, issuer: str) -> str:
    """The secret of this browser, a new one where it has none yet."""
    return read(request, issuer, BROWSER) or new_secret()


def _named(issuer: str, name: str) -> str:
    return f"__Host-{name}" if issuer.startswith("https://") else name
