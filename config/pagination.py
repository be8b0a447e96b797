from rest_framework.pagination import PageNumberPagination


class PageNumbers(PageNumberPagination):
    """``?page=2&page_size=50``; at most 200 rows a page."""

    invalid_page_message = "There is no such page. Start without page=, then follow next."
    page_size_query_param = "page_size"
    max_page_size = 200
