"""`make test`: a floor that fails stops no other, and what failed is said once more at the end."""

from pathlib import Path

import pytest

from deploy import tests


def written(folder: Path, name: str, body: str) -> list[str]:
    (folder / name).mkdir()
    file = folder / name / f"test_{name}.py"
    file.write_text(f"def test_{name}() -> None:\n    {body}\n")
    return ["-n", "0", "-p", "no:cacheprovider", f"--rootdir={folder}", f"--confcutdir={folder}", str(file)]


def test_a_strand_that_fails_is_told_at_the_end_and_stops_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strands = {name: written(tmp_path, name, body) for name, body in (("bad", "assert 1 == 2"), ("good", "pass"))}
    assert tests.run(strands) == 1
    said = capsys.readouterr().out
    assert " good | 1 passed" in said
    assert "tests: good: passed after" in said
    end = said[said.index("tests: bad: status 1") :]
    assert "::test_bad" in end
    assert tests.run({"good": strands["good"]}) == 0


def test_a_round_that_fails_keeps_no_later_one_from_its_turn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = written(tmp_path, "bad", "assert 1 == 2"), written(tmp_path, "good", "pass")
    assert tests.run({"bad": bad}, {"good": good}) == 1
    said = capsys.readouterr().out
    assert (
        said.index("bad | 1 failed") < said.index("tests: good:") < said.index("tests: bad: status 1") < said.index("tests: good: passed")
    )


def test_every_floor_that_stands_in_the_folder_is_run_by_one_strand() -> None:
    floors = [floor for strands in tests.ROUNDS for strand in strands for floor in strand.floors]
    beside = {"support", "search", "bench", "__pycache__"}
    assert sorted(floors) == sorted(each.name for each in (tests.ROOT / "tests").iterdir() if each.is_dir() and each.name not in beside)
