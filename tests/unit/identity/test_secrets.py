"""Secrets of 256 bits."""

from services.identity.domain.secrets import challenge_of, digest, new_secret


def test_the_challenge_is_that_of_rfc_7636() -> None:
    """Source: RFC 7636 appendix B."""
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_secrets_are_long_and_kept_as_digests() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(one) >= 43
    assert len(digest(one)) == 32
    assert one.encode() not in digest(one)
