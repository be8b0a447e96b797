"""The columns of each kind of file, and the table of a file as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from partners.audit.rules import Refused, listed
from partners.files.rules.tables import Table
from partners.people.rules.csv_files import Problem, UnreadableFile
from programmes.imports.rules.cells import Reading, Value, day, email, line_of, lines_of, one_of, yes_or_no


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, what it holds in words, an example, and how a cell of it is read."""

    key: str
    heading: str
    holds: str
    example: str
    read: Reading
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class GivenRow:
    """What a row says, by key of the columns that the file has."""

    line: int
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Given:
    """A file as values: the rows that are understood, and what is not in the others."""

    columns: tuple[Column, ...]
    rows: list[GivenRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def given_in(table: Table, columns: Sequence[Column]) -> Given:
    """The rows of a table as values.

    Raises: UnreadableFile when a column is not one of ``columns``, a needed one is missing, or there are no rows.
    """
    by_heading = {column.heading.casefold(): column for column in columns}
    unknown = [heading for heading in table.headings if heading.casefold() not in by_heading]
    if unknown:
        found = listed([f'"{heading[:40]}"' for heading in unknown[:5]])
        raise UnreadableFile(
            f"Nothing here has the heading {found}. The columns are {listed([column.heading for column in columns])}. "
            "Take the others out, so that nothing of the file is lost unseen."
        )
    present = {heading: by_heading[heading.casefold()] for heading in table.headings}
    missing = [column.heading for column in columns if column.is_needed and column not in present.values()]
    if missing:
        raise UnreadableFile(f"The file has no column {listed(missing)}. Start from the template.")
    if not table.rows:
        raise UnreadableFile("The file has headings and no rows. Add the rows under them.")
    given = Given(tuple(present.values()))
    for row in table.rows:
        values: dict[str, Value] = {}
        told = len(given.problems)
        for heading, column in present.items():
            try:
                values[column.key] = column.read(row.values[heading])
                if column.is_needed and not values[column.key]:
                    raise Refused("is empty. Fill it in, or take the row out.")
            except Refused as refused:
                given.problems.append(Problem(row.line, column.heading, refused.sentence))
        if len(given.problems) == told:
            given.rows.append(GivenRow(row.line, values))
    return given


def columns_of_workstreams(*, name: int, description: int) -> tuple[Column, ...]:
    """Lengths in characters."""
    return (
        Column(
            "name",
            "Name",
            "The name of the workstream. A row whose name is here already changes that workstream.",
            "Example: data migration",
            line_of(name),
            is_needed=True,
        ),
        Column("description", "Description", "What it delivers.", "Moves case files.", lines_of(description)),
        Column("lead", "Lead", "The email address of who leads and reports. Empty: nobody yet.", EXAMPLE_PERSON, email),
        Column(
            "reviewer",
            "Reviewer",
            "The email address of who reads its reports. Empty: the programme manager.",
            EXAMPLE_PERSON,
            email,
        ),
    )


def columns_of_milestones(*, name: int, reason: int) -> tuple[Column, ...]:
    """Lengths in characters."""
    return (
        Column(
            "name",
            "Name",
            "The name of the milestone. With its workstream it says which milestone a row is about.",
            "Example: contract signed",
            line_of(name),
            is_needed=True,
        ),
        Column(
            "workstream",
            "Workstream",
            "The name of the workstream that it belongs to. Empty: the whole programme.",
            "Example: data migration",
            line_of(200),
        ),
        Column("is_critical", "Critical", 'Write "yes" where the programme is late if this is.', "yes", yes_or_no),
        Column(
            "baseline_on",
            "Baseline",
            "The day first agreed. Needed for a new milestone; it never changes afterwards.",
            "2026-09-18",
            day,
        ),
        Column("forecast_on", "Forecast", "The day expected now. Empty: as it is, or the baseline.", "25/9/2026", day),
        Column("achieved_on", "Achieved", "The day on which it was done. Empty: as it is.", "", day),
        Column("reason", "Reason", "Why the forecast moves.", "The supplier is late.", line_of(reason)),
    )


def columns_of_risks(
    *, title: int, description: int, likelihoods: Mapping[int, str], impacts: Mapping[int, str], ways: Mapping[str, str]
) -> tuple[Column, ...]:
    """Lengths in characters; choices by value."""
    likelihood, impact = one_of(likelihoods), one_of(impacts)
    first = "1 to 5, or its word."
    after = f"After treatment, {first} Empty with the other one: as at first."
    return (
        Column(
            "reference",
            "Reference",
            "Such as R12, of a risk that is here. Empty: the title says which risk a row is about.",
            "",
            line_of(20),
        ),
        Column("title", "Title", "What may happen, on one line.", "Example: key staff leave", line_of(title), True),
        Column("description", "Description", "More about it.", "", lines_of(description)),
        Column(
            "workstream",
            "Workstream",
            "The name of the workstream that it belongs to. Empty: the whole programme.",
            "Example: data migration",
            line_of(200),
        ),
        Column("owner", "Owner", "The email address of who answers for it.", EXAMPLE_PERSON, email),
        Column("likelihood", "Likelihood", f"{first} {_scale(likelihoods)}.", "3", likelihood, True),
        Column("impact", "Impact", f"{first} {_scale(impacts)}.", "Major", impact, True),
        Column("residual_likelihood", "Residual likelihood", after, "2", likelihood),
        Column("residual_impact", "Residual impact", after, "4", impact),
        Column("response", "Response", f"What is done about it: {listed(list(ways.values()))}.", "", one_of(ways)),
        Column("due_on", "Review on", "The day by which it is looked at again.", "2026-09-18", day),
        Column("is_in_report", "In report", 'Write "yes" to show it in reports. Empty: no.', "yes", yes_or_no),
    )


EXAMPLE_PERSON = "name@example.org"


def _scale(choices: Mapping[int, str]) -> str:
    return listed([f"{value} is {words.lower()}" for value, words in choices.items()])
