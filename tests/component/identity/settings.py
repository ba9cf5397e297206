"""How a client of a test is registered to speak the protocol."""

from typing import Any

from tests.component.identity.clients import operate
from tests.component.identity.office import Office


async def settle(office: Office, **more: Any) -> None:
    """As the operator sets the office's client up; it asks nobody for consent unless it says so."""
    said = {"profile": "standard", "asks_consent": False, **more}
    answer = await operate(office, "PUT", f"/clients/{office.client}/settings", said)
    assert answer.status_code == 200, answer.text
