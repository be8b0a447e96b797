from pathlib import Path

import pytest

from config.embedded.state import InUse, clean, held


def test_held_when_another_launcher_holds_it_repeats_what_that_one_said(tmp_path: Path) -> None:
    with held(tmp_path) as note:
        note("Open http://localhost:8000.")
        note("Open http://localhost:8001.")

        with pytest.raises(InUse) as refused, held(tmp_path):
            pass

    assert str(refused.value) == "The demo is already running. Open http://localhost:8001."
    with held(tmp_path):
        pass


def test_clean_deletes_only_a_folder_that_a_launcher_made(tmp_path: Path) -> None:
    strange, ours = tmp_path / "strange", tmp_path / "ours"
    (strange / "letters").mkdir(parents=True)
    with held(ours):
        (ours / "postgres").mkdir()

    assert clean(strange) == f"There is nothing to delete in {strange}."
    assert clean(ours) == f"Deleted {ours}. The next start begins anew."

    assert strange.exists()
    assert not ours.exists()


def test_clean_while_the_demo_runs_is_refused(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(InUse):
        clean(tmp_path)

    assert tmp_path.exists()
