"""What the API says when it says no: always a sentence that says what to do."""

import logging
import re
from typing import Any

from django.http import Http404
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import exception_handler

from partners.audit.rules import NotPermitted, Refused

NOTHING_THERE = "There is nothing here, or nothing that you may see. Check the address and the ids in it."
SENTENCES = {  # the words of Django REST framework, and ours
    "Authentication credentials were not provided.": "Nobody is signed in. Make a token on your account page and send it "
    "in the header Authorization, as: Bearer and the token.",
    "CSRF Failed: {reason}": "The call came with the session of a browser and without its CSRF token. Send the token in "
    "the header X-CSRFToken, or call with a token of your account page.",
    "You do not have permission to perform this action.": "You may not do this. Ask the administrator who may.",
    "Not found.": NOTHING_THERE,
    "Could not satisfy the request Accept header.": "The API answers in JSON. Ask for application/json in the header "
    "Accept.",
    'Unsupported media type "{media_type}" in request.': "The API reads JSON. Send it with the header "
    "Content-Type: application/json.",
    "Malformed request.": "The request could not be read. Compare it with the documentation at /api/docs/.",
    "Invalid input.": "What was sent cannot be used. Compare it with the documentation at /api/docs/.",
    "Invalid page.": "There is no such page. Start without page=, then follow next.",
    "Invalid data. Expected a dictionary, but got {datatype}.": "Send an object with the fields that the documentation at "
    "/api/docs/ names.",
    "This field is required.": "This is missing. Send it.",
    "This field may not be null.": "This is null. Send a value.",
    "This field may not be blank.": "This is empty. Fill it in.",
    '"{input}" is not a valid choice.': "This is none of the choices. Send one that the documentation at /api/docs/ lists.",
    "A valid integer is required.": "Send a whole number.",
    "Ensure this value is greater than or equal to {min_value}.": "Send {min_value} or more.",
    "Ensure this value is less than or equal to {max_value}.": "Send {max_value} or less.",
    "String value too large.": "Send a shorter number.",
    "A valid number is required.": "Send a number.",
    "Integer value too large to convert to float": "Send a smaller number.",
    "Must be a valid boolean.": "Send true or false.",
    "Must be a valid UUID.": "Send an id as the API gives it, such as 6f1c2a34-5b7d-4e8f-9a0b-1c2d3e4f5a6b.",
    "Not a valid string.": "Send text.",
    "Ensure this field has at least {min_length} characters.": "Send {min_length} characters or more.",
    "Ensure this field has no more than {max_length} characters.": "Shorten this to {max_length} characters or fewer.",
    "Enter a valid email address.": "Send an email address, such as ama.mensah@example.org.",
    "Enter a valid URL.": "Send an address that starts with https://.",
    "Date has wrong format. Use one of these formats instead: {format}.": "Send a date, such as 2026-11-03.",
    "Expected a date but got a datetime.": "Send a date without a time, such as 2026-11-03.",
    "Datetime has wrong format. Use one of these formats instead: {format}.": "Send a date and time, such as "
    "2026-11-03T10:00:00Z.",
    "Expected a datetime but got a date.": "Send a date and time, such as 2026-11-03T10:00:00Z.",
    'Invalid datetime for the timezone "{timezone}".': "There is no such time. Send one with its offset, such as "
    "2026-11-03T10:00:00Z.",
    "Datetime value out of range.": "Send a date and time of this century, such as 2026-11-03T10:00:00Z.",
    "Time has wrong format. Use one of these formats instead: {format}.": "Send a time, such as 09:30.",
    'Expected a list of items but got type "{input_type}".': "Send a list.",
    "This list may not be empty.": "This list is empty. Send at least one item.",
    "Ensure this field has at least {min_length} elements.": "Send {min_length} items or more.",
    "Ensure this field has no more than {max_length} elements.": "Send {max_length} items or fewer.",
    'Expected a dictionary of items but got type "{input_type}".': "Send an object.",
    "This dictionary may not be empty.": "This object is empty. Send at least one field.",
    'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.': "Send letters, figures, hyphens and "
    "underscores alone.",
    'Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.': "Send letters, figures, "
    "hyphens and underscores alone.",
    "No file was submitted.": "The file is missing. Send it as a part of a form.",
    "The submitted data was not a file. Check the encoding type on the form.": "This is no file. Send it as a part of a "
    "form (multipart/form-data).",
    "No filename could be determined.": "The file has no name. Send one with it.",
    "The submitted file is empty.": "The file is empty. Send the one that holds something.",
    "Ensure this filename has at most {max_length} characters (it has {length}).": "Shorten the name of the file to "
    "{max_length} characters.",
    "Null characters are not allowed.": "This holds a NUL character. Take it out.",
    "Surrogate characters are not allowed: U+{code_point}.": "This holds half a character. Take it out.",
}
security_log = logging.getLogger("security")


def answer(exception: Exception, context: dict[str, Any]) -> Response | None:
    """400 invalid, 401 not signed in, 403 not permitted, 404 not visible, 409 refused by a rule or changed meanwhile."""
    if isinstance(exception, NotPermitted):
        request = context["request"]
        security_log.warning("denied %s %s to %s", request.method, request.path, request.user.pk)
        exception = PermissionDenied(exception.sentence)
    if isinstance(exception, Refused):
        return Response({"detail": exception.sentence, "field": exception.field}, status=409)
    if isinstance(exception, Http404):
        exception = NotFound(NOTHING_THERE)
    if isinstance(exception, MethodNotAllowed):
        can = [method for method in context["view"].allowed_methods if method not in ("HEAD", "OPTIONS")]
        method = context["request"].method
        exception = MethodNotAllowed(method, f"{method} cannot be done here. Use {' or '.join(can)}.")
    if isinstance(exception, APIException):
        exception.detail = in_our_words(exception.detail)
    return exception_handler(exception, context)


def in_our_words(detail: Any) -> Any:
    """The same dicts and lists of sentences, with those of Django REST framework in the words of ``SENTENCES``."""
    if isinstance(detail, dict):
        return {field: in_our_words(inner) for field, inner in detail.items()}
    if isinstance(detail, list):
        return [in_our_words(inner) for inner in detail]
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(detail):
            return words.format(**found.groupdict())
    return detail


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(template)), re.DOTALL)


_PATTERNS = [(_pattern(theirs), ours) for theirs, ours in SENTENCES.items()]
