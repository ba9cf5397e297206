"""What policies may speak of: the entity types and scenes of the schema files, and an action for each permission."""

import re
from collections.abc import Mapping
from typing import Final

import cedarpy

from contracts.permissions import Permission
from gateway.policies import text
from gateway.policies.text import Fault, Policy

_POLICIES: Final = 500
_REQUEST: Final = re.compile(r' for Action::"[^"]*"')
_KINDS: Final = (".cedar", ".cedarschema", ".json")


def faults(files: Mapping[str, str]) -> list[Fault]:
    """Everything that keeps a text from being decided by: what cannot be read, and what speaks of things that do not exist."""
    unknown = [Fault(name, 1, "", "not a file of policies, of a schema or of JSON") for name in files if not name.endswith(_KINDS)]
    written = sum(1 for name in text.cedar_files(files) for _ in text.statements(files[name]))
    if written > _POLICIES:
        unknown.append(Fault("", 1, "", f"{written} policies; at most {_POLICIES} are read"))
    if unknown:
        return unknown
    policies, unread = text.read(files)
    if unread:
        return list(unread)
    try:
        schema = cedarpy.Schema.from_str(schema_of(files))
    except ValueError as reason:
        return [Fault(_schemas(files)[0] if _schemas(files) else "", 1, "", str(reason))]
    found = cedarpy.validate_policies("\n".join(policy.text for policy in policies), schema, release_gil=True)
    places = {f"policy{place}": policy for place, policy in enumerate(policies)}
    # The same is found once for each kind of request that the policy might meet, in no order.
    wrong = {_fault(places.get(each.policy_id), each.policy_id, each.error) for each in found.errors}
    return sorted(wrong, key=lambda fault: (fault.file, fault.line, fault.message))


def _fault(policy: Policy | None, place: str, message: str) -> Fault:
    """The engine numbers policies; people know them by their names."""
    if policy is None:
        return Fault("", 1, "", message)
    said = _REQUEST.sub("", message.replace(f"for policy `{place}`, ", "").replace(place, policy.id))
    return Fault(policy.file, policy.line, policy.id, said)


def schema_of(files: Mapping[str, str]) -> str:
    """Permissions are what code knows, so the actions of routes are not written down a second time."""
    actions = ", ".join(f'"{permission}"' for permission in Permission)
    written = [files[name] for name in _schemas(files)]
    return "\n".join(
        [*written, f"action {actions} appliesTo {{ principal: [Party], resource: [Route, DataItem, CertificateType], context: Scene }};"]
    )


def _schemas(files: Mapping[str, str]) -> list[str]:
    return sorted(name for name in files if name.endswith(".cedarschema"))
