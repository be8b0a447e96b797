from typing import Any

import pytest
from django.test import Client

from config import api_reference
from config.api_reference import Answer, Chapter, Field, Kind, Operation, Shape, reference
from tests.builders import make_person

SCHEMA: dict[str, Any] = {
    "paths": {
        "/api/things/{thing_id}/": {
            "post": {
                "operationId": "things_change",
                "description": "Change a thing.",
                "tags": ["odd_things"],
                "parameters": [
                    {
                        "in": "path",
                        "name": "thing_id",
                        "required": True,
                        "schema": {"type": "string", "format": "uuid"},
                    },
                    {
                        "in": "query",
                        "name": "state",
                        "schema": {"enum": ["open", "closed"]},
                        "description": "* `open` - Open\n* `closed` - Closed",
                    },
                ],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingRequest"}}}
                },
                "responses": {
                    "200": {
                        "description": "",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                    },
                    "204": {"description": ""},
                },
            }
        }
    },
    "components": {
        "schemas": {
            "ThingRequest": {
                "properties": {
                    "title": {"type": "string", "maxLength": 2000, "description": "What people call it."},
                    "weeks": {"type": "integer", "minimum": 1, "maximum": 8, "nullable": True},
                },
                "required": ["title"],
            },
            "StateEnum": {"enum": ["open", "closed"], "type": "string"},
            "Thing": {
                "description": "A thing.",
                "properties": {
                    "state": {"allOf": [{"$ref": "#/components/schemas/StateEnum"}], "description": "How it is."},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                    "whole": {"oneOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "boolean"}]},
                },
            },
        }
    },
}


def test_reference_writes_the_schema_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.api_reference.SchemaGenerator.get_schema", lambda *_, **__: SCHEMA)

    chapters, shapes = reference.__wrapped__()

    open_or_closed = Kind("one of open, closed")
    assert chapters == [
        Chapter(
            "Odd things",
            [
                Operation(
                    "things_change",
                    "POST",
                    "/api/things/{thing_id}/",
                    "Change a thing.",
                    [
                        Field("thing_id", "address", Kind("UUID"), True, ""),
                        Field("state", "query", open_or_closed, False, ""),
                        Field("title", "body", Kind("text"), True, "What people call it; up to 2,000 characters"),
                        Field("weeks", "body", Kind("whole number, or null"), False, "from 1 to 8"),
                    ],
                    [Answer("200", "Done", Kind("Thing", "Thing")), Answer("204", "Done, nothing to return", None)],
                )
            ],
        )
    ]
    assert shapes == [
        Shape(
            "Thing",
            "A thing.",
            [
                Field("state", "", open_or_closed, False, "How it is"),
                Field("parts", "", Kind("list of Thing", "Thing"), False, ""),
                Field("whole", "", Kind("Thing or true or false", "Thing"), False, ""),
            ],
        )
    ]


@pytest.mark.django_db
def test_the_page_lists_every_operation_of_the_real_api(client: Client) -> None:
    client.force_login(make_person())

    html = client.get("/api/docs/").content.decode()

    chapters, shapes = api_reference.reference()
    names = [operation.name for chapter in chapters for operation in chapter.operations]
    assert len(names) > 5
    assert [name for name in names if f'id="{name}"' not in html] == []
    assert [shape.name for shape in shapes if f'id="{shape.name}"' not in html] == []
