"""An act of a person is on record once."""

import ast

import pytest

from tests.architecture.tree import modules

RECORDERS = {"record", "record_each"}
NOTHING_TO_RECORD = {  # what is kept for its author alone until they confirm it
    "keep_import",
    "discard_import",
    "save_draft_answer",
    "save_status_draft",
    "discard_status_draft",
}


def acts() -> list[tuple[str, ast.FunctionDef, dict[str, ast.FunctionDef]]]:
    """Public operations that somebody does, each with the functions of its module."""
    found = []
    for module in modules():
        if module.door != "operations":
            continue
        functions = {node.name: node for node in module.tree.body if isinstance(node, ast.FunctionDef)}
        found += [
            (f"{module.name}.{name}", node, functions)
            for name, node in functions.items()
            if not name.startswith("_") and node.decorator_list and "by" in {arg.arg for arg in node.args.kwonlyargs}
        ]
    return found


def recordings(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> int:
    """Places that write audit events, in the function and in the private ones it calls; a call of itself adds none."""
    called = [call.func.id for call in ast.walk(node) if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]
    others = {name: function for name, function in functions.items() if function is not node}
    below = [recordings(others[name], others) for name in called if name.startswith("_") and name in others]
    return sum(name in RECORDERS for name in called) + sum(below)


@pytest.mark.parametrize(("name", "node", "functions"), acts(), ids=lambda each: each if isinstance(each, str) else "")
def test_an_act_writes_to_the_audit_trail_in_one_place(name, node, functions):
    expected = 0 if node.name in NOTHING_TO_RECORD else 1

    assert recordings(node, functions) == expected


def test_the_acts_are_found():
    names = {name.rsplit(".", 1)[1] for name, _, _ in acts()}

    assert {"record_status_update", "open_review", "grant_role", *NOTHING_TO_RECORD} <= names
    assert len(names) > 40
