"""Parts of a composed answer: each is judged by the rooms as if its caller had asked for it alone, then asked for over the
gateway's own connections. So nothing is put together that could not be had one by one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from chassis import telemetry
from chassis.clock import Clock
from chassis.http.mesh_token import CallerFacts, MeshSigner
from contracts.headers import MESH_TOKEN, REQUEST_ID, TRACEPARENT
from contracts.problems import gateway as problems
from gateway.decision import Deny
from gateway.proxy.answer import Answer, Behind, Broken
from gateway.snapshot import SnapshotSource
from gateway.unified import authorization, resources, users
from gateway.walk import AccessToken, Incoming, Walk

_PART_BYTES: Final = 1024 * 1024
_ROOMS: Final = (users.check, resources.check, authorization.check)


@dataclass(frozen=True, slots=True)
class Parts:
    """`behind` are the services by name."""

    snapshots: SnapshotSource
    signer: MeshSigner
    behind: Mapping[str, Behind]
    clock: Clock

    async def ask(self, caller: CallerFacts, target: str, *, within_s: float, request_id: str = "") -> Answer | Deny:
        """What GET `target` answers to this caller, or why it does not.

        Channel and limits were seen to with the whole: a composed answer is registered with the highest grade of its parts.
        """
        path, _, query = target.partition("?")
        walk = self._walk(caller, Incoming("GET", path, query, (), b""))
        for room in _ROOMS:
            result = room(walk)
            if isinstance(result, Deny):
                return result
        resource = walk.found.resource
        assert resource is not None
        token = self.signer.token(replace(caller, issuer="gateway", permissions=walk.permissions), resource.service)
        headers = [(MESH_TOKEN.encode(), token.encode()), (REQUEST_ID.encode(), request_id.encode())]
        if trace := telemetry.current_traceparent():
            headers.append((TRACEPARENT.encode(), trace.encode()))
        try:
            async with asyncio.timeout(within_s):
                answer = await self.behind[resource.service].ask("GET", target, headers, b"")
                if isinstance(answer, Answer) and await answer.whole(_PART_BYTES) is None:
                    return Deny(problems.UPSTREAM_AWAY, "part-size")
                return answer
        except TimeoutError:
            return Deny(problems.PART_LATE, "part-deadline")
        except Broken:
            return Deny(problems.UPSTREAM_AWAY, "connection")

    def _walk(self, caller: CallerFacts, incoming: Incoming) -> Walk:
        snapshot = self.snapshots.current()
        return Walk(
            incoming,
            snapshot,
            snapshot.routes.find(incoming.method, incoming.path),
            self.clock.now().timestamp(),
            party=snapshot.parties.get(caller.party) if caller.party else None,
            kind=caller.party_kind,
            token=_token(caller),
            officer=caller.officer,
            scene=caller.scene,
            purpose=caller.purpose,
        )


def _token(caller: CallerFacts) -> AccessToken | None:
    """What the caller's access token said, as far as it was told on; the rooms take the subject from there."""
    subject = caller.person or caller.organisation
    if subject is None:
        return None
    return AccessToken(
        client_id=caller.party or "",
        subject=subject,
        subject_type="person" if caller.person else "organisation",
        session=caller.session or "",
        grant="",
        assurance=caller.assurance,
        auth_time=caller.auth_time,
        expires=0,
        actor=caller.actor or "",
        mandate=caller.mandate or "",
        mandate_matters=caller.mandate_matters,
    )
