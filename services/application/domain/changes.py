"""What a newer version of a matter asks otherwise than the one that was filled in."""

from contracts.api.application import FormChange
from contracts.api.catalogue import Definition


def changed(before: Definition, after: Definition) -> FormChange:
    """By the names of fields and the codes of materials."""
    was, now = before.form_schema.get("properties", {}), after.form_schema.get("properties", {})
    asked, asks = set(before.form_schema.get("required", ())), set(after.form_schema.get("required", ()))
    had = {each.code: each for each in before.materials}
    has = {each.code: each for each in after.materials}
    fields = [
        name
        for name in now
        if name in was
        and (now[name] != was[name] or (name in asked) != (name in asks) or before.field_sources.get(name) != after.field_sources.get(name))
    ]
    return FormChange(
        version=after.version,
        fields_added=[name for name in now if name not in was],
        fields_removed=[name for name in was if name not in now],
        fields_changed=fields,
        materials_added=[code for code in has if code not in had],
        materials_removed=[code for code in had if code not in has],
        materials_changed=[code for code, each in has.items() if code in had and had[code] != each],
    )
