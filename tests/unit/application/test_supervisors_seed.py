"""Who supervises what, as it is seeded: matters and agencies that the catalogue has, and nothing that claims to be official."""

import json

from contracts.api.application import SetSupervisors
from deploy.local import seed
from tests.support.seed import catalogue


def test_the_seed_names_agencies_of_the_city_for_licences_of_the_districts() -> None:
    said = SetSupervisors.model_validate_json(json.dumps(seed.supervisors())).supervisors
    agencies = {each.code: each for each in catalogue().agencies}
    matters = {each.basic_code: each for each in catalogue().matters}
    assert len({each.matter for each in said}) == len(said)
    for each in said:
        deciding = {implementation.task_code.agency for implementation in matters[each.matter].implementations}
        assert agencies[each.agency].division == "310000"
        assert each.agency not in deciding, "whoever decides is supervised by another"
        assert each.provenance == "illustrative"


def test_every_licence_that_an_approval_bureau_grants_has_a_supervising_agency() -> None:
    supervised = {each["matter"] for each in seed.supervisors()["supervisors"]}
    bureaus = {each.code for each in catalogue().agencies if each.function == "行政审批"}
    licences = [
        each
        for each in catalogue().matters
        if each.basic_code.matter_type == "01" and any(said.task_code.agency in bureaus for said in each.implementations)
    ]
    assert licences
    assert {each.basic_code for each in licences} <= supervised
