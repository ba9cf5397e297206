"""A department's system that hands in what it has, with the signatures and the faults of `OddDistrict`."""

from dataclasses import dataclass

import httpx

from chassis.http.authorities import authorities
from tests.support.districts import OddDistrict


@dataclass
class OddDepartment(OddDistrict):
    writes: int = 5

    async def __call__(self, url: str) -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, verify=authorities()) as self._client:
            for number in range(self.writes):
                await self._post("/certificates/deposits", f"deposit-{number}", {"number": number}, "wj-001")
