"""`python -m deploy.kit run --gateway URL --party ID --key key.pem [--listen HOST:PORT] [--within SECONDS] [--start URL]`

Point your own system at the address that is printed, in the place of the gateway. 0 when it has passed, 1 when checks
failed, 2 when there could be no run.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from contracts.api.gateway import Check
from deploy.kit.running import Finished, KitFailed, run
from gateway.registry.domain.conformance import checks_for


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.kit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["run", "checks"])
    parser.add_argument("--gateway", default="http://localhost:8080", help="the real gateway, which decides")
    parser.add_argument("--party", help="the id of your party")
    parser.add_argument("--key", type=Path, help="the private key of your party, PEM")
    parser.add_argument("--listen", default="127.0.0.1:8090", help="where your system finds the kit")
    parser.add_argument("--start", default="", help="of an app: the page at which a citizen begins to sign on")
    parser.add_argument("--within", type=float, default=300.0, help="seconds that a run may take")
    parser.add_argument("--kind", choices=["district", "department", "app"], default="district", help="for the command checks")
    said = parser.parse_args()
    if said.command == "checks":
        for check in checks_for(said.kind):
            print(f"{check.id:<20} {check.zh}\n{'':<20} {check.en}")
        return 0
    if not said.party or not said.key:
        parser.error("run needs --party and --key")
    host, _, port = said.listen.rpartition(":")
    try:
        key = said.key.read_bytes()
        finished = asyncio.run(
            run(said.gateway, said.party, key, listen=(host, int(port)), start=said.start, within_s=said.within, is_listening=_is_listening)
        )
    except (KitFailed, OSError, ValueError) as reason:
        print(f"kit: {reason}", file=sys.stderr)
        return 2
    _tell(finished)
    return 0 if finished.passed else 1


def _is_listening(url: str) -> None:
    print(f"请将系统的网关地址指向 point your system at: {url}", flush=True)


def _tell(finished: Finished) -> None:
    for check in (Check.model_validate(each) for each in finished.run["checks"]):
        reason = finished.failing.get(check.id)
        print(f"{'✗' if reason else '·'} {check.id:<20} {check.zh} {check.en}" + (f"\n  → {reason}" if reason else ""))
    print(f"kit: {finished.run['state']} run={finished.run['id']} requests={finished.requests} failing={len(finished.failing)}")


if __name__ == "__main__":
    sys.exit(main())
