from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


def test_the_schema_is_valid_and_made_without_a_warning():
    with GENERATOR_STATS.silence():
        schema = SchemaGenerator().get_schema(request=None, public=True)

    validate_schema(schema)
    assert [str(each) for each in GENERATOR_STATS._warn_cache] == []


def test_every_operation_has_a_name_of_its_own():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    names = [operation["operationId"] for methods in schema["paths"].values() for operation in methods.values()]

    assert len(names) == len(set(names)) > 30
