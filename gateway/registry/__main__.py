"""Commands on the control plane's database, whose address is in `GATEWAY_DATABASE_URL`.

`python -m gateway.registry bootstrap FILE`: register what the gateway cannot work without.
`python -m gateway.registry explain REQUEST-ID [--policy-version N]`: a recorded decision made again; exits with 1 when
it comes out otherwise.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from chassis.database import Database
from chassis.errors import NotFound
from contracts.api import gateway as api
from gateway.registry.bootstrap import bootstrap
from gateway.registry.queries import explanations


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m gateway.registry", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("bootstrap").add_argument("file", type=Path)
    explain = commands.add_parser("explain")
    explain.add_argument("request_id")
    explain.add_argument("--policy-version", type=int)
    said = parser.parse_args()
    address = os.environ["GATEWAY_DATABASE_URL"]
    if said.command == "bootstrap":
        bootstrap(said.file, address)
        return 0
    try:
        found = asyncio.run(_explained(address, said.request_id, said.policy_version))
    except NotFound as reason:
        sys.stderr.write(f"explain: {reason}\n")
        return 2
    sys.stdout.write(found.model_dump_json(indent=2) + "\n")
    return 1 if found.is_equal is False else 0


async def _explained(address: str, request_id: str, version: int | None) -> api.Explanation:
    database = Database(address, name="explain")
    try:
        async with database.reading() as session:
            return await explanations.explanation(session, request_id, version)
    finally:
        await database.close()


if __name__ == "__main__":
    sys.exit(main())
