"""Rows of identity as values and back, one module for each area."""

from services.identity.repository.clients import Clients
from services.identity.repository.grants import Grants
from services.identity.repository.persons import Persons
from services.identity.repository.requests import Requests
from services.identity.repository.sessions import Sessions
from services.identity.repository.sms_codes import SmsCodes

__all__ = ["Clients", "Grants", "Persons", "Requests", "Sessions", "SmsCodes"]
