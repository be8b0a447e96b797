from datetime import datetime
from uuid import UUID

from django.db import transaction

from partners.audit.changes import Happening, record_each
from partners.audit.rules import Conflict, Refused
from partners.files.changes import keep_document
from partners.people.models import User
from programmes.imports.changes import CARRY_OUT
from programmes.imports.enums import ImportKind
from programmes.imports.models import ProgrammeImport
from programmes.imports.permissions import check_can_import
from programmes.imports.queries import plan_of, what_moved
from programmes.imports.rules.plans import Plan
from programmes.register.models import Programme
from programmes.register.permissions import check_runs

USED_ELSEWHERE = "This request was used for another file. Load the page again and choose the file once more."
GONE = "This file was imported or discarded already. Upload it again to see what it would do."


class ImportRefused(Refused):
    """Some rows must be mended first; ``plan`` names them."""

    def __init__(self, plan: Plan) -> None:
        first = plan.problems[0]
        more = len(plan.problems) - 1
        others = f" {more:,} more {'problem needs' if more == 1 else 'problems need'} mending too." if more else ""
        super().__init__(f"Nothing was imported. Line {first.line}, {first.column}: {first.sentence}{others}")
        self.plan = plan


@transaction.atomic(durable=True)
def keep_import(
    *, programme_id: UUID, kind: ImportKind, name: str, content: bytes, request_key: UUID, by: User, now: datetime
) -> ProgrammeImport:
    """Keep an uploaded file until its preview is confirmed or discarded. ``request_key`` becomes its id.

    Raises: NotPermitted; UnreadableFile, which is kept out; Refused when the programme ended or the key was used.
    """
    programme = _locked_programme(programme_id)
    check_can_import(by, programme, kind)
    known = _known(request_key, programme_id, by)
    if known is not None:
        return known
    check_runs(programme)
    kept = _keep(programme, kind, name=name, content=content, request_key=request_key, by=by, now=now)
    plan_of(kept, now=now)
    return kept


@transaction.atomic(durable=True)
def discard_import(*, import_id: UUID, by: User) -> None:
    """Forget an uploaded file. Nothing was imported, so nothing is recorded."""
    ProgrammeImport.objects.filter(pk=import_id, uploaded_by=by, applied_at=None).delete()


@transaction.atomic(durable=True)
def apply_import(*, import_id: UUID, digest: str, seen_at: datetime | None, by: User, now: datetime) -> Plan:
    """Do what the preview with this digest showed, all of it. ``seen_at`` is when it was shown.

    Raises: NotPermitted; Conflict, saying what changed since, when the plan is another by now, or when the file was
    imported already; ImportRefused when rows need mending; Refused when the programme ended.
    """
    programme_id = ProgrammeImport.objects.filter(pk=import_id).values_list("programme_id", flat=True).first()
    if programme_id is None:
        raise Conflict(GONE)
    programme = _locked_programme(programme_id)
    rows = ProgrammeImport.objects.select_related("document").select_for_update(of=("self",))
    kept = rows.filter(pk=import_id, uploaded_by=by, applied_at=None).first()
    if kept is None:
        raise Conflict(GONE)
    check_can_import(by, programme, ImportKind(kept.kind))
    check_runs(programme)
    plan = plan_of(kept, now=now)
    if plan.digest != digest:
        raise _moved(programme, plan, since=max(seen_at or kept.uploaded_at, kept.uploaded_at))
    _carry_out(kept, programme, plan, by=by, now=now)
    return plan


@transaction.atomic(durable=True)
def import_rows(
    *,
    programme_id: UUID,
    kind: ImportKind,
    name: str,
    content: bytes,
    digest: str | None = None,
    request_key: UUID,
    by: User,
    now: datetime,
) -> Plan:
    """Import a file without a preview, or with the ``digest`` of one. A repeat with the same key imports nothing more.

    Raises: NotPermitted; UnreadableFile; Conflict when the plan has another digest by now; ImportRefused when rows need
    mending; Refused when the programme ended.
    """
    programme = _locked_programme(programme_id)
    check_can_import(by, programme, kind)
    check_runs(programme)
    known = _known(request_key, programme_id, by)
    kept = known or _keep(programme, kind, name=name, content=content, request_key=request_key, by=by, now=now)
    plan = plan_of(kept, now=now)
    if known is None and digest not in (None, plan.digest):
        raise _moved(programme, plan, since=None)
    if known is None:
        _carry_out(kept, programme, plan, by=by, now=now)
    return plan


def _carry_out(kept: ProgrammeImport, programme: Programme, plan: Plan, *, by: User, now: datetime) -> None:
    """One audit event for the import and one for each thing that it touches, so that each has its history."""
    if plan.problems:
        raise ImportRefused(plan)
    kept.applied_at, kept.applied_by = now, by
    kept.save(update_fields=["applied_at", "applied_by"])
    happenings = CARRY_OUT[plan.kind](programme, plan, kept=kept, by=by, now=now)
    summary = f"imported {plan.kind.label.lower()} from {kept.document.name}: {plan.words}"
    counts: dict[str, object] = {"kind": plan.kind.value, "rows": len(plan.rows), "sha256": kept.document.sha256}
    told = Happening(kept, summary, scope_id=programme.scope_id, after=counts)
    record_each(by=by, now=now, action="imports.apply_import", happenings=[told, *happenings])


def _keep(
    programme: Programme, kind: ImportKind, *, name: str, content: bytes, request_key: UUID, by: User, now: datetime
) -> ProgrammeImport:
    document = keep_document(name=name, content=content, by=by, now=now)
    return ProgrammeImport.objects.create(
        pk=request_key, programme=programme, kind=kind, document=document, uploaded_at=now, uploaded_by=by
    )


def _known(request_key: UUID, programme_id: UUID, by: User) -> ProgrammeImport | None:
    known = ProgrammeImport.objects.select_related("document").filter(pk=request_key).first()
    if known and (known.programme_id, known.uploaded_by_id) != (programme_id, by.pk):
        raise Refused(USED_ELSEWHERE)
    return known


def _locked_programme(programme_id: UUID) -> Programme:
    """Acts on workstreams, milestones and risks take the programme first, so nothing moves below the plan."""
    return Programme.objects.select_for_update(of=("self",), no_key=True).select_related("scope").get(pk=programme_id)


def _moved(programme: Programme, plan: Plan, *, since: datetime | None) -> Conflict:
    told = what_moved(programme, plan, since=since) if since else []
    what = f" Meanwhile {'. '.join(told)}." if told else ""
    return Conflict(
        f"What this file would do has changed since you looked at it. Nothing was imported.{what} Look at it again, "
        "then import it."
    )
