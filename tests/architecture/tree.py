"""Reads the tree as text: rooms, doors and imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("partners", "programmes", "portfolio")  # lowest first
PUBLIC_DOORS = {"enums", "rules", "models", "permissions", "queries", "changes"}
REGISTERS = {"admin", "api", "apps", "management", "migrations", "models", "tasks", "urls"}


def rooms() -> list[str]:
    """Dotted names of all rooms."""
    return sorted(
        f"{floor}.{folder.name}"
        for floor in FLOORS
        for folder in (ROOT / floor).iterdir()
        if (folder / "__init__.py").exists() and folder.name not in REGISTERS
    )


@dataclass(frozen=True)
class Module:
    """One Python file of a floor."""

    path: Path
    name: str

    @property
    def room(self) -> str:
        return ".".join(self.name.split(".")[:2])

    @property
    def door(self) -> str:
        parts = self.name.split(".")
        return parts[2] if len(parts) > 2 else ""

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text())

    def imports(self) -> Iterator[str]:
        """Dotted names of the modules imported, ``from a.b import c`` giving ``a.b`` and ``a.b.c``."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> list[Module]:
    """Every module inside a room."""
    found = []
    for room in rooms():
        for path in sorted((ROOT / room.replace(".", "/")).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append(Module(path, name))
    return found
