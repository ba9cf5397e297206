"""The ledger of the running mesh, verified as an auditor would: from outside, while it is being written."""

import subprocess
import sys
from pathlib import Path

from deploy.local.install import ROOT
from deploy.local.mesh import Mesh


def test_the_ledger_of_the_running_mesh_verifies(mesh: Mesh, tmp_path: Path) -> None:
    witness, key = mesh.folder / "ledger-witness.jsonl", mesh.folder / "keys" / "gateway-ledger.json"

    def ask(*said: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "gateway.ledger", *said]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    exported = ask("export", str(tmp_path), "--database", mesh.database_url("gateway"), "--witness", str(witness))
    assert exported.returncode == 0, exported.stderr
    verified = ask("verify", "--export", str(tmp_path), "--key", str(key))
    assert (verified.returncode, verified.stderr) == (0, "")
    said = dict(each.split("=") for each in verified.stdout.split())
    assert said["findings"] == "0"
    # The seed has come in at the door.
    assert int(said["records"]) > 0
