"""`python -m gateway.ledger`: what an auditor does with the ledger.

export FOLDER --database URL [--witness FILE …]           a copy of it, to be verified anywhere
verify (--export FOLDER | --database URL --witness FILE …) --key JWK …
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from chassis.clock import SystemClock
from gateway.ledger import copies
from gateway.ledger.chain import public_key
from gateway.ledger.verification import Report, Trust, verify
from gateway.settings import OTHER_MONTHS, PERSONAL_MONTHS


def main(arguments: list[str]) -> int:
    """1 when the ledger is not as it was written, 0 when it is."""
    said = _parser().parse_args(arguments)
    if said.command == "export":
        asyncio.run(copies.export(said.database, said.folder, said.witness))
        return 0
    terms = {"personal": said.personal_months, "other": said.other_months}
    trust = Trust([public_key(each.read_bytes()) for each in said.key], terms, SystemClock().now())
    if said.export:
        return _verify(said.export, trust)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(copies.export(said.database, Path(folder), said.witness))
        return _verify(Path(folder), trust)


def _verify(folder: Path, trust: Trust) -> int:
    try:
        return _tell(verify(copies.read(folder), trust))
    except (ValueError, TypeError, KeyError) as error:
        sys.stdout.write(f"the copy was changed, it cannot even be read: {type(error).__name__}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gateway.ledger")
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="copy the ledger into a folder")
    export.add_argument("folder", type=Path)
    export.add_argument("--database", required=True)
    export.add_argument("--witness", type=Path, action="append", default=[])
    checked = commands.add_parser("verify", help="find every change, cut and fork")
    where = checked.add_mutually_exclusive_group(required=True)
    where.add_argument("--export", type=Path)
    where.add_argument("--database")
    checked.add_argument("--witness", type=Path, action="append", default=[], help="with --database; an export has its own")
    checked.add_argument("--key", type=Path, action="append", required=True, help="a public key of the ledger, as a JWK")
    checked.add_argument("--personal-months", type=int, default=PERSONAL_MONTHS)
    checked.add_argument("--other-months", type=int, default=OTHER_MONTHS)
    return parser


def _tell(report: Report) -> int:
    for finding in report.findings:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(
        f"records={report.records} expired={report.expired} blocks={report.blocks} unsealed={report.unsealed} "
        f"checkpoints={report.checkpoints} findings={len(report.findings)}\n"
    )
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
