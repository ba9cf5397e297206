"""What policies may speak of: the entity types and scenes of the schema files, and an action for each permission."""

from collections.abc import Mapping
from typing import Final

import cedarpy

from contracts.permissions import Permission
from gateway.policies import text
from gateway.policies.text import Fault

_POLICIES: Final = 500
_KINDS: Final = (".cedar", ".cedarschema", ".json")


def faults(files: Mapping[str, str]) -> list[Fault]:
    """Everything that keeps a text from being decided by: what cannot be read, and what speaks of things that do not exist."""
    unknown = [Fault(name, 1, "", "not a file of policies, of a schema or of JSON") for name in files if not name.endswith(_KINDS)]
    written = sum(1 for name in text.cedar_files(files) for _ in text.statements(files[name]))
    if unknown or written > _POLICIES:
        return [*unknown, *([Fault("", 1, "", f"{written} policies; at most {_POLICIES} are read")] if written > _POLICIES else [])]
    policies, unread = text.read(files)
    if unread:
        return list(unread)
    try:
        schema = cedarpy.Schema.from_str(schema_of(files))
    except ValueError as reason:
        return [Fault(_schemas(files)[0] if _schemas(files) else "", 1, "", str(reason))]
    found = cedarpy.validate_policies("\n".join(policy.text for policy in policies), schema)
    places = {f"policy{place}": policy for place, policy in enumerate(policies)}
    said = [(places.get(each.policy_id), each) for each in found.errors]
    return [
        Fault(policy.file if policy else "", policy.line if policy else 1, policy.id if policy else "", _named(each.error, each.policy_id, policy.id if policy else ""))
        for policy, each in said
    ]  # fmt: skip


def schema_of(files: Mapping[str, str]) -> str:
    """Permissions are what code knows, so the actions of routes are not written down a second time."""
    actions = ", ".join(f'"{permission}"' for permission in Permission)
    written = [files[name] for name in _schemas(files)]
    return "\n".join(
        [*written, f"action {actions} appliesTo {{ principal: [Party], resource: [Route, DataItem, CertificateType], context: Scene }};"]
    )


def _schemas(files: Mapping[str, str]) -> list[str]:
    return sorted(name for name in files if name.endswith(".cedarschema"))


def _named(message: str, place: str, name: str) -> str:
    return message.replace(f"for policy `{place}`, ", "").replace(place, name) if name else message
