"""Rows of identity as values and back, one module for each area."""

from services.identity.repository.attempts import Attempts, forget_proofs
from services.identity.repository.clients import Clients
from services.identity.repository.consents import Consents
from services.identity.repository.device_requests import DeviceRequests
from services.identity.repository.federation import Begun, FederatedAccounts, FederationJourneys
from services.identity.repository.grants import Grants
from services.identity.repository.known_clients import KnownClients
from services.identity.repository.logout import LogoutDeliveries
from services.identity.repository.mandates import UNANSWERED, Mandates, Represented, mandate_rules
from services.identity.repository.merge_requests import MergeRequest, MergeRequests
from services.identity.repository.organisations import Organisations
from services.identity.repository.passkeys import Passkeys
from services.identity.repository.person_items import PersonItems, Superseded
from services.identity.repository.persons import Persons
from services.identity.repository.requests import Requests
from services.identity.repository.sessions import Sessions
from services.identity.repository.sms_codes import SmsCodes
from services.identity.repository.staff import StaffMembers

__all__ = [
    "UNANSWERED",
    "Attempts",
    "Begun",
    "Clients",
    "Consents",
    "DeviceRequests",
    "FederatedAccounts",
    "FederationJourneys",
    "Grants",
    "KnownClients",
    "LogoutDeliveries",
    "Mandates",
    "MergeRequest",
    "MergeRequests",
    "Organisations",
    "Passkeys",
    "PersonItems",
    "Persons",
    "Represented",
    "Requests",
    "Sessions",
    "SmsCodes",
    "StaffMembers",
    "Superseded",
    "forget_proofs",
    "mandate_rules",
]
