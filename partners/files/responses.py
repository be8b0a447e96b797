"""Files as answers to a request, for the views and endpoints of every room."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from partners.files.rules.tables import Cell, TableFormat, write_csv, write_xlsx


def table_response(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], table_format: TableFormat
) -> HttpResponse:
    """A table to be saved as ``name`` with the ending of its format."""
    is_xlsx = table_format is TableFormat.XLSX
    content = write_xlsx(name, headings, rows) if is_xlsx else write_csv(headings, rows)
    disposition = content_disposition_header(True, f"{name}.{table_format}")
    return HttpResponse(content, content_type=table_format.media_type, headers={"Content-Disposition": disposition})
