from contracts.api.identity import staff as api
from services.identity.domain.staff import Staff


def presented(member: Staff) -> api.Staff:
    return api.Staff(
        staff_id=member.id,
        agency=member.agency,
        number=member.number,
        name=member.name,
        department=member.department,
        window=member.window,
        duties=list(member.duties),
        status=member.status,
        has_password=member.password is not None,
        created_at=member.created_at,
    )
