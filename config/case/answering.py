"""How a partner's contact of the case answers: by the link in the newest mail, over HTTP, without an account."""

import email
import email.policy
import http.cookiejar
import re
import urllib.parse
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

LINK = re.compile(r"https?://\S+/answer/\S+/")
SECONDS = 30


class Page(HTMLParser):
    """The links of a page, and the hidden fields of its form that is posted."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url = url
        self.links: list[str] = []
        self.hidden: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(urllib.parse.urljoin(self.url, found["href"]))
        if tag == "input" and found.get("type") == "hidden" and found.get("name"):
            self.hidden[str(found["name"])] = found.get("value") or ""


class Browser:
    """Keeps cookies, follows redirects."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, url: str) -> Page:
        return self._page(urllib.request.Request(url))  # noqa: S310 - an address in a mail of our own

    def post(self, page: Page, **fields: str) -> Page:
        """The page's form with these fields."""
        body = urllib.parse.urlencode({**page.hidden, **fields}).encode()
        return self._page(urllib.request.Request(page.url, data=body, headers={"Referer": page.url}))  # noqa: S310

    def _page(self, request: urllib.request.Request) -> Page:
        with self._opener.open(request, timeout=SECONDS) as answer:
            return Page(answer.url, answer.read().decode())


def answer_by_link(mailbox: Path, address: str, answers: list[str]) -> None:
    """Answer every question in order and send. A mail scanner has opened the link twice before, which uses nothing up.

    Raises: LookupError when there is no mail with a link; URLError when a page refuses.
    """
    link = link_in_newest_mail(mailbox, address)
    for _ in range(2):
        Browser().get(link)
    browser = Browser()
    start = browser.get(link)
    page = browser.get(next(url for url in start.links if "/questions/" in url))
    for answer in answers:
        page = browser.post(page, answer=answer)
    receipt = browser.post(page)
    if "/receipt/" not in receipt.url:
        raise LookupError(f"The answers of {address} were not taken: they ended at {receipt.url}")


def link_in_newest_mail(mailbox: Path, address: str) -> str:
    for path in sorted(mailbox.glob("*.eml"), reverse=True):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = message.get_body(preferencelist=("plain",))
        if str(message["X-Envelope-To"]) == address and text and (found := LINK.search(str(text.get_content()))):
            return found.group()
    raise LookupError(f"No mail to {address} holds a link to answer.")
