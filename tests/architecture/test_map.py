from tests.architecture.tree import ROOT, rooms


def test_the_map_lists_every_room():
    text = (ROOT / "docs" / "map.md").read_text()

    assert [room for room in rooms() if f"`{room.replace('.', '/')}`" not in text] == []


def test_contracts_cover_every_room():
    text = (ROOT / "pyproject.toml").read_text()

    assert [room for room in rooms() if f'"{room}"' not in text] == []
