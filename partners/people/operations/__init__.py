"""Acts of the people room, one module for each kind of thing."""

from partners.people.operations.accounts import (
    AddressTaken,
    add_person,
    bring_back_person,
    change_person,
    enter_administrator,
    record_leaver,
    record_link_sent,
    remove_second_step,
)
from partners.people.operations.imports import apply_import, discard_import, import_file, keep_import
from partners.people.operations.leave import cancel_leave, record_leave
from partners.people.operations.offices import add_holding, add_office, change_office, correct_holding, end_holding
from partners.people.operations.organisation import rename_organisation
from partners.people.operations.roles import end_role, grant_role
from partners.people.operations.sessions import end_session
from partners.people.operations.signing_in import record_second_step, set_own_password
from partners.people.operations.tokens import NewToken, create_token, note_token_use, revoke_token
from partners.people.operations.units import add_unit, change_unit

__all__ = [
    "AddressTaken",
    "NewToken",
    "add_holding",
    "add_office",
    "add_person",
    "add_unit",
    "apply_import",
    "bring_back_person",
    "cancel_leave",
    "change_office",
    "change_person",
    "change_unit",
    "correct_holding",
    "create_token",
    "discard_import",
    "end_holding",
    "end_role",
    "end_session",
    "enter_administrator",
    "grant_role",
    "import_file",
    "keep_import",
    "note_token_use",
    "record_leave",
    "record_leaver",
    "record_link_sent",
    "record_second_step",
    "remove_second_step",
    "rename_organisation",
    "revoke_token",
    "set_own_password",
]
