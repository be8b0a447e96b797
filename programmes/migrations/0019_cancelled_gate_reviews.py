"""A gate review that will not take place is cancelled with a reason and kept; its parts are frozen with it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0018_sweeps_of_reminders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="gatecheck",
            name="not_added_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gatecheck",
            name="not_removed_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gatecheck",
            name="not_changed_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gateevidence",
            name="not_added_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gateevidence",
            name="not_removed_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gateevidence",
            name="not_changed_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gaterecommendation",
            name="not_added_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gaterecommendation",
            name="not_changed_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gaterecommendation",
            name="not_removed_later",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="gatereview",
            name="frozen_when_complete",
        ),
        migrations.RemoveConstraint(
            model_name="gatereview",
            name="programmes_gatereview_one_open",
        ),
        migrations.AddField(
            model_name="gatereview",
            name="cancel_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="gatereview",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="gatereview",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_review",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = NEW.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="631feb7476789ef29cd79e689f32b9bef885464b",
                    operation="INSERT",
                    pgid="pgtrigger_frozen_with_its_review_a1c47",
                    table="programmes_gatecheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_against_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = OLD.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT FROM programmes_gatereview WHERE id = NEW.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="3f4e52719e519abc6a6882f1ca642cb5652919c7",
                    operation="UPDATE",
                    pgid="pgtrigger_frozen_against_change_e1808",
                    table="programmes_gatecheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatecheck",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_against_removal",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = OLD.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN OLD;",
                    hash="179e45ba05903138fbc886e257f17564288f34e2",
                    operation="DELETE",
                    pgid="pgtrigger_frozen_against_removal_b1462",
                    table="programmes_gatecheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gateevidence",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_review",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = NEW.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="d11af5d7dbebf94c920ffa11690314155e18c048",
                    operation="INSERT",
                    pgid="pgtrigger_frozen_with_its_review_9f036",
                    table="programmes_gateevidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gateevidence",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_against_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = OLD.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT FROM programmes_gatereview WHERE id = NEW.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="8c20e0a04a421691b2ee929d3ef7ef3387c8ad71",
                    operation="UPDATE",
                    pgid="pgtrigger_frozen_against_change_80973",
                    table="programmes_gateevidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gateevidence",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_against_removal",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = OLD.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN OLD;",
                    hash="08ffeec72ab2e02083d030128483967f4dec3394",
                    operation="DELETE",
                    pgid="pgtrigger_frozen_against_removal_f541f",
                    table="programmes_gateevidence",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gaterecommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_with_its_review",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = NEW.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="27b3f30bd62cc91ef4d387b3755abe34d17833dd",
                    operation="INSERT",
                    pgid="pgtrigger_frozen_with_its_review_f30d2",
                    table="programmes_gaterecommendation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gaterecommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_against_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = OLD.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; IF EXISTS (SELECT FROM programmes_gatereview WHERE id = NEW.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN NEW;",
                    hash="a581f75bc83b6a668b486846da7345e66e0dff5c",
                    operation="UPDATE",
                    pgid="pgtrigger_frozen_against_change_1ee47",
                    table="programmes_gaterecommendation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gaterecommendation",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_against_removal",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT FROM programmes_gatereview WHERE id = OLD.review_id AND (completed_at IS NOT NULL OR cancelled_at IS NOT NULL)) THEN RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation'; END IF; RETURN OLD;",
                    hash="44b426493faf4a4b054cf540c221ce7015b4b0f3",
                    operation="DELETE",
                    pgid="pgtrigger_frozen_against_removal_784ae",
                    table="programmes_gaterecommendation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="gatereview",
            trigger=pgtrigger.compiler.Trigger(
                name="frozen_when_over",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."completed_at" IS NOT NULL OR OLD."cancelled_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'A gate review that was completed or cancelled is never changed' USING ERRCODE = 'check_violation';",
                    hash="394e24aacd8510f62fc368c11373364daccc8072",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_frozen_when_over_3d3df",
                    table="programmes_gatereview",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="gatereview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    _connector="OR",
                ),
                name="programmes_gatereview_cancelled_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatereview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True), ("completed_at__isnull", True)),
                fields=("stage",),
                name="programmes_gatereview_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="gatereview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancel_reason", ""), ("cancelled_at__isnull", True)),
                    models.Q(
                        ("cancelled_at__isnull", False),
                        ("completed_at__isnull", True),
                        models.Q(("cancel_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="programmes_gatereview_cancelled_whole",
            ),
        ),
    ]
