import ast

import pytest

from tests.architecture.tree import PUBLIC_DOORS, Module, modules, rooms

ROOMS = set(rooms())
NO_ROWS_HERE = {
    "urls",
    "views",
    "api",
    "tasks",
    "admin",
    "forms",
    "serializers",
    "permissions",
    "models",
    "rules",
    "enums",
}
ALLOWED = {
    "forms": {"partners.calendar.forms", "partners.clock.forms", "partners.people.forms"},
    "serializers": {"partners.people.serializers"},
    "views": {"partners.files.responses"},
    "api": {"partners.files.responses"},
}


def private_doors_used(module: Module) -> set[str]:
    """Doors of other rooms that are not public to them."""
    used = set()
    for name in module.imports():
        parts = name.split(".")
        room = ".".join(parts[:2])
        if room in ROOMS and room != module.room and len(parts) > 2 and parts[2] not in PUBLIC_DOORS:
            used.add(".".join(parts[:3]))
    return used


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.name)
def test_a_room_uses_only_public_doors_of_another(module):
    assert private_doors_used(module) - ALLOWED.get(module.door, set()) == set()


def test_a_private_door_would_be_found(tmp_path):
    path = tmp_path / "views.py"
    path.write_text("from partners.people.operations import add_person\n")

    assert private_doors_used(Module(path, "programmes.register.views")) == {"partners.people.operations"}


def touches_rows(module: Module) -> list[int]:
    """Lines that reach for ``.objects``."""
    return [node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and node.attr == "objects"]


@pytest.mark.parametrize("module", [m for m in modules() if m.door in NO_ROWS_HERE], ids=lambda m: m.name)
def test_only_queries_changes_and_operations_touch_rows(module):
    assert touches_rows(module) == []


@pytest.mark.parametrize("module", [m for m in modules() if m.door in {"views", "api", "tasks"}], ids=lambda m: m.name)
def test_views_and_tasks_open_no_transaction(module):
    assert "django.db.transaction" not in set(module.imports())


@pytest.mark.parametrize("module", [m for m in modules() if m.door == "operations"], ids=lambda m: m.name)
def test_an_operation_calls_no_operation_of_another_room(module):
    others = {name for name in module.imports() if ".operations" in name and not name.startswith(module.room)}

    assert others == set()


def test_every_room_says_what_it_owns():
    silent = [
        m.name for m in modules() if m.path.name == "__init__.py" and m.door == "" and not ast.get_docstring(m.tree)
    ]

    assert silent == []
