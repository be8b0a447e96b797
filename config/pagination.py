from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request


class PageNumbers(PageNumberPagination):
    """``?page=2&page_size=50``; at most 200 rows a page."""

    invalid_page_message = "There is no such page. Start without page=, then follow next."
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get("page_size", "1")
        if not asked.isdecimal() or int(asked) < 1:
            raise ValidationError({"page_size": ["Give the number of rows of a page, from 1 to 200."]})
        return super().get_page_size(request)
