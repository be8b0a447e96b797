"""What `make demo ONCE=1` checks: every role's start page, and one urgent reminder from beat to the mailbox."""

import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http import HTTPStatus

SECONDS_FOR_A_REMINDER = 60

Manage = Callable[..., str]
Say = Callable[[str], None]


def everything(public_url: str, mailbox_url: str, manage: Manage, say: Say) -> bool:
    """Says what it saw; true when all of it was as it should be."""
    sign_ins = json.loads(manage("demo_sign_ins", "--json"))
    pages = [_start_page(public_url, sign_in, say) for sign_in in sign_ins]
    if not sign_ins:
        say("  No role can sign in: the demo data name nobody.")
    reminder = _urgent_reminder(mailbox_url, manage, say)
    is_good = bool(pages) and all(pages) and reminder
    say("The demo works." if is_good else "THE DEMO DOES NOT WORK: see above.")
    return is_good


def _start_page(public_url: str, sign_in: dict[str, str], say: Say) -> bool:
    role, email, path = sign_in["role"], sign_in["email"], sign_in["path"]
    began = time.monotonic()
    try:
        cookies = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        with browser.open(f"{public_url}/accounts/login/", timeout=30):
            pass
        token = next((cookie.value for cookie in cookies if cookie.name == "csrftoken"), None) or ""
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "email": email}).encode()
        with browser.open(f"{public_url}/demo/sign-in/", data=form, timeout=30):
            pass
        with browser.open(f"{public_url}{path}", timeout=30) as page:
            arrived = urllib.parse.urlsplit(page.url).path
            size, is_good = len(page.read()), int(page.status) == HTTPStatus.OK and arrived == path
    except urllib.error.HTTPError as answer:
        say(f"  {role} ({email}): {answer.url} answered {answer.code}")
        return False
    except OSError as failure:
        say(f"  {role} ({email}): {path} did not answer ({failure})")
        return False
    milliseconds = (time.monotonic() - began) * 1000
    seen = f"signed in, {path} answered 200, {size:,} bytes" if is_good else f"was sent to {arrived} instead of {path}"
    say(f"  {role} ({email}): {seen}, {milliseconds:.0f} ms")
    return is_good


def _urgent_reminder(mailbox_url: str, manage: Manage, say: Say) -> bool:
    reference = manage("demo_urgent_reminder").strip()
    began = time.monotonic()
    while (waited := time.monotonic() - began) < SECONDS_FOR_A_REMINDER:
        for mail in _mails(mailbox_url):
            if reference and reference in mail["subject"] + mail["message_id"]:
                say(
                    f"  Urgent reminder {reference}: beat, worker and mail server brought it to {mail['to']}"
                    f" in {waited:.1f} s: {mail['subject']!r}"
                )
                return True
        time.sleep(0.5)
    say(f"  Urgent reminder {reference}: not in the mailbox after {SECONDS_FOR_A_REMINDER} s.")
    return False


def _mails(mailbox_url: str) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{mailbox_url}mails.json", timeout=30) as answer:  # noqa: S310 - our own address
        found: list[dict[str, str]] = json.load(answer)
    return found
