"""What a file is, told by its bytes. Its name and what the sender says of it count for nothing."""

import io
import re
import zipfile
from dataclasses import dataclass

import puremagic

from partners.audit.rules import Refused

LARGEST_BYTES = 10 * 1024 * 1024
LARGEST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_PARTS = 10_000
NAME_LENGTH = 200
# Source: MIME Sniffing Standard, "Reading the resource header": how far a browser looks.
SNIFFED_BYTES = 1445
MARKUP = re.compile(rb"^\s*<|<(!doctype|html|head|body|script|svg|iframe|\?xml)\b", re.IGNORECASE)
NOT_IN_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MACROS = re.compile(r"vbaproject|macrosheets|activex", re.IGNORECASE)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OFFICE = "application/vnd.openxmlformats-officedocument"
WANTED = "PDF, Word (docx), Excel (xlsx), CSV, plain text, PNG or JPEG"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind that is kept: its media type, and the endings that a name of it may have, the usual one first."""

    media_type: str
    endings: tuple[str, ...]


PDF = FileKind("application/pdf", (".pdf",))
PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"))
DOCX = FileKind(f"{OFFICE}.wordprocessingml.document", (".docx",))
XLSX = FileKind(f"{OFFICE}.spreadsheetml.sheet", (".xlsx",))
TEXT = FileKind("text/plain", (".txt", ".csv"))
BY_MEDIA_TYPE = {kind.media_type: kind for kind in (PDF, PNG, JPEG)}
PACKED = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}


def kind_of(content: bytes) -> FileKind:
    """What the bytes are.

    Raises: Refused when they are empty, too many, or nothing that is kept: also markup that a browser would run, a
    document with macros, and an archive that unpacks to far more than it is.
    """
    if not content:
        raise Refused("The file is empty. Choose another one.", field="file")
    if len(content) > LARGEST_BYTES:
        raise Refused(f"The file is larger than {LARGEST_BYTES // 1024**2} MB. Choose a smaller one.", field="file")
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    try:
        found = puremagic.from_string(content, mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    if found in BY_MEDIA_TYPE:
        return BY_MEDIA_TYPE[found]
    if NOT_IN_TEXT.search(content) or MARKUP.search(content.removeprefix(BYTE_ORDER_MARK)[:SNIFFED_BYTES]):
        raise _unwanted()
    return TEXT


def kept_name(name: str, kind: FileKind) -> str:
    """The name as it is kept: one line without a path, with an ending of its kind, shortened before the ending."""
    name = re.split(r"[/\\]", name)[-1]
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split()).strip(". ")
    ending = next((each for each in kind.endings if name.lower().endswith(each)), "")
    stem = name[: len(name) - len(ending)].rstrip(". ") or "document"
    ending = ending or kind.endings[0]
    return stem[: NAME_LENGTH - len(ending)] + ending


def words_for_size(size: int) -> str:
    """Reads "812 bytes", "45 KB" or "2.3 MB"."""
    if size < 1024:
        return f"{size} byte{'' if size == 1 else 's'}"
    return f"{size // 1024} KB" if size < 1024**2 else f"{size / 1024**2:.1f} MB"


def _packed(content: bytes) -> FileKind:
    """The list of what is packed is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _unwanted() from None
    names = {part.filename for part in parts}
    kinds = [kind for name, kind in PACKED.items() if name in names]
    if len(kinds) != 1 or "[Content_Types].xml" not in names:
        raise _unwanted()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED_BYTES:
        raise Refused("The file unpacks to far more than a document holds. Save it anew and send that.", field="file")
    if any(MACROS.search(name) for name in names):
        raise Refused("The file holds macros. Save it without them and send that.", field="file")
    return kinds[0]


def _unwanted() -> Refused:
    return Refused(f"This is no file of a kind that is kept here. Choose {WANTED}.", field="file")
