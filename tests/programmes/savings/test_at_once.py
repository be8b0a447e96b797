from functools import partial
from uuid import uuid4

from django.db import transaction

from partners.audit.rules import Conflict
from programmes.savings.models import Saving, SavingStatement
from programmes.savings.operations import state_saving
from tests.builders import NOW, make_manager, make_programme
from tests.builders.money import make_saving
from tests.threads import InThread, wait_until_somebody_waits_for_a_lock


def test_two_who_state_at_once_make_one_statement_and_one_conflict(own_database):
    programme = make_programme()
    saving = make_saving(programme, "Fewer buildings")
    first, second = make_manager(programme, "Ama Mensah"), make_manager(programme, "Tom Birch")
    with transaction.atomic():
        Saving.objects.select_for_update().get(pk=saving.pk)
        works = [InThread(partial(stating, saving, person)) for person in (first, second)]
        wait_until_somebody_waits_for_a_lock(own_database)

    outcomes = []
    for work in works:
        try:
            outcomes.append(work.result())
        except Conflict as conflict:
            outcomes.append(conflict.sentence)

    assert SavingStatement.objects.count() == 1
    winner = SavingStatement.objects.get().recorded_by.name
    assert [outcome for outcome in outcomes if isinstance(outcome, str)] == [
        f"{winner} changed what Fewer buildings comes to in 2026-27 while you were working on it. Nothing of yours is "
        "saved yet: compare it with what is saved now, then save again."
    ]


def stating(saving, by):
    return state_saving(
        saving_id=saving.pk,
        year=2026,
        based_on=0,
        expected_pence=100,
        stated_on=NOW.date(),
        source="Budget paper",
        request_key=uuid4(),
        by=by,
        now=NOW,
    )
