"""Files as answers to a request, for the views and endpoints of every room."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from partners.files.models import Document
from partners.files.rules.tables import Cell, Sheet, TableFormat, write_csv, write_xlsx


def table_response(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], table_format: TableFormat
) -> HttpResponse:
    """A table to be saved as ``name`` with the ending of its format."""
    return sheets_response(name, [Sheet(name, headings, rows)], table_format)


def sheets_response(name: str, sheets: Sequence[Sheet], table_format: TableFormat) -> HttpResponse:
    """A workbook of these sheets; as CSV the first of them alone."""
    first = sheets[0]
    is_xlsx = table_format is TableFormat.XLSX
    content = (
        write_xlsx(first.title, first.headings, first.rows, *sheets[1:])
        if is_xlsx
        else write_csv(first.headings, first.rows)
    )
    disposition = content_disposition_header(True, f"{name}.{table_format}")
    return HttpResponse(content, content_type=table_format.media_type, headers={"Content-Disposition": disposition})


def document_response(document: Document) -> HttpResponse:
    """A document as it was uploaded, to be saved and never shown or run inside a page. The view has asked who may read it."""
    return HttpResponse(
        bytes(document.content),
        content_type=document.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, document.name),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )
