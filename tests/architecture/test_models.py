import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from partners.audit.models import AppendOnlyModel, MutableModel
from tests.architecture.tree import FLOORS

OURS = [m for m in apps.get_models() if m._meta.app_label in FLOORS]
APPEND_ONLY = [m for m in OURS if issubclass(m, AppendOnlyModel)]


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_a_model_is_append_only_or_mutable(model):
    assert issubclass(model, AppendOnlyModel) != issubclass(model, MutableModel)


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_foreign_keys_point_to_the_same_or_a_lower_floor(model):
    floor = FLOORS.index(model._meta.app_label)

    upward = [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.related_model in OURS
        if FLOORS.index(field.related_model._meta.app_label) > floor
    ]

    assert upward == []


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_a_row_is_never_deleted_with_another(model):
    cascading = [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT
    ]

    assert cascading == []


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_rows_have_no_hidden_order(model):
    assert not model._meta.ordering


@pytest.mark.parametrize("model", OURS, ids=lambda m: m.__name__)
def test_optional_pairs_of_instant_and_actor_are_guarded(model):
    names = {f.name: f for f in model._meta.get_fields() if isinstance(f, models.Field)}
    pairs = [n[:-3] for n, f in names.items() if n.endswith("_at") and f.null and f"{n[:-3]}_by" in names]
    guards = {c.name for c in model._meta.constraints}

    missing = [p for p in pairs if f"{model._meta.app_label}_{model._meta.model_name}_{p}_pair" not in guards]

    assert missing == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda m: m.__name__)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"],
    ids=["update", "delete", "truncate"],
)
def test_the_application_may_only_add_to_append_only_tables(model, statement):
    table, key = model._meta.db_table, model._meta.pk.column

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table, key=key))


@pytest.mark.django_db
@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda m: m.__name__)
def test_append_only_tables_carry_their_triggers(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [model._meta.db_table]
        )
        names = {row[0] for row in cursor.fetchall()}

    assert sum(name.startswith(("pgtrigger_append_only", "pgtrigger_no_truncate")) for name in names) == 2


@pytest.mark.django_db
def test_the_application_does_not_own_its_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        owned = cursor.fetchone()[0]

    assert owned == 0
