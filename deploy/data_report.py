"""`python -m deploy.data_report`: how sure the seed is of what it says, matter by matter."""

import json
from collections import Counter

from contracts.api.catalogue import FormField, Matter
from deploy.local import seed
from services.catalogue.domain.forms import quick_situations, sources_of
from services.catalogue.domain.guiding import is_good
from services.catalogue.domain.matters import provenance_of


def main() -> None:
    document = seed.document()
    matters = [Matter.model_validate_json(json.dumps(row)) for row in document["matters"]]
    sure = Counter(provenance_of(matter) for matter in matters)
    statutory, promised = (sum(getattr(matter, limit).working_days for matter in matters) for limit in ("statutory", "promised"))
    issued = [material for matter in matters for material in matter.materials if material.source == "government"]
    functions = {agency["function"] for agency in document["agencies"]}
    print(f"agencies         {len(document['agencies']):6} of {len(functions)} functions")
    print(f"implementations  {sum(len(matter.implementations) for matter in matters):6}")
    print(f"online           {sum(_is_online(matter) for matter in matters) / len(matters):6.1%}")
    print(f"zero visits      {sum(matter.visits == 0 for matter in matters) / len(matters):6.1%}")
    print(f"immediate        {sum(matter.is_immediate for matter in matters) / len(matters):6.1%}")
    print(f"promise under    {1 - promised / statutory:6.1%}")
    print(
        f"waivable         {sum(material.exemption is not None for material in issued) / len(issued):6.1%} of materials the government issues"
    )
    print(_guided(matters, [FormField.model_validate_json(json.dumps(row)) for row in document["fields"]]))
    said = " ".join(f"{name}={sure[name]}" for name in ("official", "recalled", "illustrative"))
    print(f"matters={len(matters)} {said}")


def _guided(matters: list[Matter], dictionary: list[FormField]) -> str:
    """好办: matters with pre-judgement, prefill and pre-review. 快办: situations of a few typed fields and no upload."""
    forms = [(matter, [field for field in dictionary if field.name in matter.form]) for matter in matters]
    guided = sum(is_good(matter, sourced=sources_of(form, matter)) for matter, form in forms)
    quick = sum(bool(code) for matter, form in forms for code in quick_situations(matter, form))
    return f"guided={guided} quick={quick}"


def _is_online(matter: Matter) -> bool:
    """Pre-reviewed or accepted online and at most one visit: grade III of online handling."""
    return bool({"pc", "mobile"} & set(matter.channels)) and bool({3, 4} & set(matter.depth)) and matter.visits <= 1


if __name__ == "__main__":
    main()
