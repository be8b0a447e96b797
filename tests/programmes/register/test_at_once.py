"""People who save at the same time, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from partners.audit.rules import Conflict
from programmes.register.models import Programme
from programmes.register.operations import change_programme
from tests.builders import NOW, make_manager, make_person, make_programme


def test_of_two_people_saving_at_once_the_second_is_told(own_database):
    programme = make_programme(owner=make_person())
    people = [make_manager(programme, "Ama Mensah"), make_manager(programme, "Bo Lee")]
    together = Barrier(2)

    def save(person):
        together.wait(10)
        try:
            change_programme(
                programme_id=programme.pk,
                version=1,
                name=programme.name,
                summary=f"Words of {person.name}",
                owner_id=programme.owner_id,
                by=person,
                now=NOW,
            )
        except Conflict as conflict:
            return conflict.sentence.partition(" while ")[0]
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(save, people))

    first = outcomes.index("saved")
    assert outcomes[1 - first] == f"{people[first].name} changed the summary of this programme"
    assert Programme.objects.get(pk=programme.pk).summary == f"Words of {people[first].name}"
