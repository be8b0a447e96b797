"""The page that describes the API: the OpenAPI schema written out, so that it reads and prints without JavaScript."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

Schema = dict[str, Any]

WORDS_OF_FORMAT = {
    "uuid": "UUID",
    "date": "date, such as 2026-11-03",
    "date-time": "instant, such as 2026-11-03T10:00:00Z",
    "time": "time, such as 09:30",
    "email": "email address",
    "decimal": "decimal number, as text",
    "uri": "address",
}
WORDS_OF_TYPE = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
}
WORDS_OF_STATUS = {"200": "Done", "201": "Made", "202": "Accepted", "204": "Done, nothing to return"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is; ``shape`` names the object that it holds."""

    words: str
    shape: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    place: str
    kind: Kind
    is_required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    words: str
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    words: str
    fields: list[Field]
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    operations: list[Operation]


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    words: str
    fields: list[Field]


def show(request: HttpRequest) -> HttpResponse:
    chapters, shapes = reference()
    return render(request, "api/docs.html", {"chapters": chapters, "shapes": shapes})


@cache
def reference() -> tuple[list[Chapter], list[Shape]]:
    """Operations by tag, and the objects that they return; worked out once, since the schema never changes while we run."""
    schema: Schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    known: Schema = schema.get("components", {}).get("schemas", {})
    chapters: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            tag = operation.get("tags", ["other"])[0]
            chapters.setdefault(tag, []).append(_operation(method, path, operation, known))
    objects = {name: found for name, found in known.items() if "properties" in found and not name.endswith("Request")}
    return (
        [Chapter(name.replace("_", " ").capitalize(), found) for name, found in sorted(chapters.items())],
        [
            Shape(name, found.get("description", ""), list(_fields_of(found, known, "")))
            for name, found in objects.items()
        ],
    )


def _operation(method: str, path: str, operation: Schema, known: Schema) -> Operation:
    places = {"path": "address", "query": "query", "header": "header"}
    fields = [
        Field(
            found["name"],
            places.get(found["in"], found["in"]),
            _kind(found["schema"], known),
            found.get("required", False),
            _about(found, known),
        )
        for found in operation.get("parameters", [])
    ]
    body = _json(operation.get("requestBody", {}))
    if body is not None:
        fields += _fields_of(_resolved(body, known), known, "body")
    answers = [
        Answer(
            status, found["description"] or WORDS_OF_STATUS.get(status, ""), _kind(content, known) if content else None
        )
        for status, found in operation["responses"].items()
        for content in [_json(found)]
    ]
    return Operation(operation["operationId"], method.upper(), path, operation.get("description", ""), fields, answers)


def _json(holder: Schema) -> Schema | None:
    content = holder.get("content", {})
    found: Schema | None = next((media.get("schema") for media in content.values()), None)
    return found


def _resolved(schema: Schema, known: Schema) -> Schema:
    """The schema itself behind a reference or an ``allOf`` of one."""
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return _resolved(schema["allOf"][0], known) | {key: value for key, value in schema.items() if key != "allOf"}
    if "$ref" in schema:
        found: Schema = known[schema["$ref"].rsplit("/", 1)[1]]
        return found
    return schema


def _fields_of(schema: Schema, known: Schema, place: str) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, found in schema.get("properties", {}).items():
        yield Field(name, place, _kind(found, known), name in required, _about(found, known))


def _kind(schema: Schema, known: Schema) -> Kind:
    resolved = _resolved(schema, known)
    if "oneOf" in resolved:
        kinds = [_kind(choice, known) for choice in resolved["oneOf"]]
        return Kind(" or ".join(kind.words for kind in kinds), next((kind.shape for kind in kinds if kind.shape), None))
    end = ", or null" if schema.get("nullable") else ""
    if "enum" in resolved:
        return Kind("one of " + ", ".join(str(value) for value in resolved["enum"] if value not in ("", None)) + end)
    if resolved.get("type") == "array":
        item = _kind(resolved.get("items", {}), known)
        return Kind(f"list of {item.words}{end}", item.shape)
    reference_to = schema.get("$ref") or next(
        (part["$ref"] for part in schema.get("allOf", []) if "$ref" in part), None
    )
    if reference_to and "properties" in resolved:
        name = reference_to.rsplit("/", 1)[1]
        return Kind(name + end, name)
    words = WORDS_OF_FORMAT.get(resolved.get("format", ""), WORDS_OF_TYPE.get(resolved.get("type", ""), "any value"))
    return Kind(words + end)


def _about(found: Schema, known: Schema) -> str:
    """The description, unless it only lists the choices, and the limits."""
    schema = _resolved(found.get("schema", found), known)
    described = found.get("description", "")
    parts = [] if described.startswith("* `") else [described.split("\n\n* `")[0]]
    if "maxLength" in schema:
        parts.append(f"up to {schema['maxLength']:,} characters")
    if "minimum" in schema and "maximum" in schema:
        parts.append(f"from {schema['minimum']:,} to {schema['maximum']:,}")
    return "; ".join(part.strip().removesuffix(".") for part in parts if part.strip())
