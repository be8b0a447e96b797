"""Using a page by keyboard alone."""

from playwright.sync_api import Locator, Page

MOST_PRESSES = 150


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does. Raises: AssertionError."""
    for _ in range(MOST_PRESSES):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} has no focus after {MOST_PRESSES} presses of Tab.")


def press(page: Page, wanted: Locator) -> None:
    """Go to a link or button and press Enter."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def write(page: Page, wanted: Locator, text: str) -> None:
    """Go to a field and type in place of what it holds."""
    tab_to(page, wanted)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
