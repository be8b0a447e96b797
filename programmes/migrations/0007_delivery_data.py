"""The life cycles that come with the product; what earlier rows say in the new columns."""

import uuid

from django.db import migrations
from django.utils.timezone import now

NAMESPACE = uuid.UUID("6f0c1c0a-5f2e-4d53-9a43-3b6f3a6f0d11")
COMMON = [
    "The case for going on still holds: it is justified.",
    "What the next stage costs is known and can be paid for: it is affordable.",
    "Plan, people and suppliers for the next stage are in place: it is deliverable.",
]
# (key, title, title of the gate before it, what that gate asks besides)
LIFE_CYCLES = [
    (
        "transformation",
        "Three stages of transformation",
        "Technology first, then what is done with information, then how the organisation works.",
        [
            (
                "technology",
                "ICT-enabled technology transformation",
                "Gate before technology",
                ["Each system that changes has an owner who has agreed to it."],
            ),
            (
                "information",
                "Information transformation",
                "Gate before information",
                [
                    "What the technology stage was to deliver is in use, or its absence is accepted.",
                    "Data protection has been assessed for every new use of information.",
                ],
            ),
            (
                "business",
                "Business transformation",
                "Gate before business transformation",
                [
                    "What the information stage was to deliver is in use, or its absence is accepted.",
                    "Staff and partners have been consulted, and what they said has been answered.",
                ],
            ),
        ],
    ),
    (
        # Source: the six reviews of the Gateway process, Infrastructure and Projects Authority.
        "gateway",
        "Gateway 0 to 5",
        "Six gates, from strategic assessment to benefits.",
        [
            ("business-justification", "Business justification", "Gateway 0: Strategic assessment", []),
            ("delivery-strategy", "Delivery strategy", "Gateway 1: Business justification", []),
            ("procurement", "Procurement", "Gateway 2: Delivery strategy", []),
            ("implementation", "Implementation", "Gateway 3: Investment decision", []),
            ("operation", "Operation", "Gateway 4: Readiness for service", []),
            (
                "benefits",
                "Benefits realisation",
                "Gateway 5: Operations review and benefits realisation",
                ["Benefits are measured against the baseline of the business case."],
            ),
        ],
    ),
    (
        # Source: PM\u00b2 Methodology, European Commission: four phases, with a gate at the end of each of the first three.
        "pm2",
        "PM\u00b2",
        "Four phases with an approval before each.",
        [
            ("initiating", "Initiating", "Initiation request accepted", []),
            ("planning", "Planning", "Ready for planning", []),
            ("executing", "Executing", "Ready for executing", []),
            ("closing", "Closing", "Ready for closing", []),
        ],
    ),
]
FILL_STAGES = """
    UPDATE programmes_stage SET definition_id = d.id, title = d.title
    FROM programmes_stagedefinition d
        JOIN programmes_lifecycleversion v ON v.id = d.of_version_id
        JOIN programmes_lifecycle c ON c.id = v.life_cycle_id
    WHERE c.key = 'transformation' AND d.key = programmes_stage.kind
"""
# The reporting day on or after the day of the report, by the day of the week alone.
FILL_PERIODS = """
    ALTER TABLE programmes_statusupdate DISABLE TRIGGER USER;
    UPDATE programmes_statusupdate SET period_on = said.day + (
        coalesce((SELECT weekday::int FROM programmes_reportingsettings), 4) + 1 - extract(isodow FROM said.day)::int + 7
    ) % 7
    FROM (
        SELECT id, (coalesce(original_reported_at, reported_at) AT TIME ZONE 'Europe/London')::date AS day
        FROM programmes_statusupdate
    ) said WHERE said.id = programmes_statusupdate.id;
    ALTER TABLE programmes_statusupdate ENABLE TRIGGER USER;
    UPDATE programmes_workstream SET current_period_on = u.period_on
    FROM programmes_statusupdate u WHERE u.id = programmes_workstream.current_update_id;
"""


def fill(apps, schema_editor):
    LifeCycle, LifeCycleVersion, StageDefinition = (
        apps.get_model("programmes", name) for name in ("LifeCycle", "LifeCycleVersion", "StageDefinition")
    )
    for key, name, description, stages in LIFE_CYCLES:
        life_cycle = LifeCycle.objects.create(
            id=uuid.uuid5(NAMESPACE, key),
            key=key,
            name=name,
            description=description,
            is_default=key == "transformation",
        )
        version = LifeCycleVersion.objects.create(
            id=uuid.uuid5(NAMESPACE, f"{key}/1"),
            life_cycle=life_cycle,
            number=1,
            note="As it comes with the product",
            published_at=now(),
        )
        for position, (stage, title, gate, asked) in enumerate(stages, 1):
            StageDefinition.objects.create(
                id=uuid.uuid5(NAMESPACE, f"{key}/1/{stage}"),
                of_version=version,
                position=position,
                key=stage,
                title=title,
                gate_title=gate,
                checklist=[*COMMON, *asked],
            )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FILL_STAGES)
        for statement in FILL_PERIODS.split(";"):
            if statement.strip():
                cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0006_delivery")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
