"""Using a page by keyboard alone."""

from datetime import date

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


def choose(page: Page, wanted: Locator, option: str) -> None:
    """Go to a list and type what the option says. Raises: AssertionError."""
    tab_to(page, wanted)
    page.keyboard.type(option)
    assert wanted.evaluate("list => list.selectedOptions[0].text") == option


def tick(page: Page, wanted: Locator) -> None:
    """Go to a box and tick it."""
    tab_to(page, wanted)
    page.keyboard.press("Space")


def pick(page: Page, wanted: Locator) -> None:
    """Go to a group of which one is chosen, and on to this one. Raises: AssertionError."""
    first = wanted.evaluate(
        "radio => { const all = [...document.getElementsByName(radio.name)];"
        " return (all.find(each => each.checked) || all[0]).id; }"
    )
    tab_to(page, page.locator(f"#{first}"))
    page.keyboard.press("Space")
    for _ in range(MOST_PRESSES):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{wanted} is not chosen after {MOST_PRESSES} presses.")


def write_date(page: Page, group: Locator, day: date) -> None:
    """Type a day into its three boxes."""
    for label, number in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        write(page, group.get_by_label(label, exact=True), str(number))
