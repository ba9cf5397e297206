"""What persons agree to."""

from chassis.errors import NotFound
from contracts.problems import identity as problems


class NoSuchConsent(NotFound):
    """Missing and foreign alike."""

    problem = problems.CONSENT_NOT_FOUND
