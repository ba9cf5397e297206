"""What the gateway and a supplier say to each other (`docs/data-suppliers.md`)."""

from typing import Any

from contracts.api.gateway.sharing.words import FieldName, SceneId
from contracts.strict import Answer, Document, Instant, Model


class SupplierSubject(Answer):
    """Whom a supplier is asked about: a person by a document, an organisation by its credit code (`type` is then `USCC`)."""

    name: str
    type: str
    number: str
    country: str | None = None


class _ToSupplier(Answer):
    """What every call tells the supplier: for which case, in which scene, why, for whom, and by which request of ours."""

    item: str
    version: int
    scene: SceneId
    purpose: str
    case: str
    demander: str
    request_id: str
    subject: SupplierSubject


class SupplierVerify(_ToSupplier):
    """`POST {url}/verifications`."""

    claims: dict[str, Any]


class SupplierQuery(_ToSupplier):
    """`POST {url}/queries`."""

    fields: list[str]


class SupplierVerified(Model):
    """The supplier's answer names exactly the claimed fields; null where it does not know."""

    matches: dict[FieldName, bool | None]
    as_of: Instant


class SupplierQueried(Model):
    """The supplier's answer names fields that it was asked for, no others; `values` is null for somebody it does not know."""

    values: Document | None
    as_of: Instant
