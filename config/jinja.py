"""The Jinja2 environment of every page."""

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined

from config import components, filters, markup
from config.demo.sign_ins import DEMO_SIGN_INS


class PageUndefined(StrictUndefined):
    """A name or attribute that is missing stops the page instead of printing nothing.

    Only a key left out of a dict is empty: the macros of GOV.UK Frontend take optional parameters that way.
    """

    __slots__ = ()

    def __new__(cls, hint: str | None = None, obj: Any = None, name: str | None = None, exc: Any = None) -> Any:
        if isinstance(obj, dict) or name == "caller":
            return ChainableUndefined(hint, obj, name)
        return super().__new__(cls)


def environment(**options: Any) -> Environment:
    """Django's options with GOV.UK Frontend's macros beside our templates, and what every page may call."""
    options["loader"] = ChoiceLoader(
        [options["loader"], PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
    )
    options["undefined"] = PageUndefined
    options["autoescape"] = True
    made = Environment(trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701 (autoescape is among the options)
    made.globals.update(
        static=static,
        url=url,
        has_url=has_url,
        query=query,
        component_of=components.component_of,
        problems_of=components.problems_of,
        pages_of=components.pages_of,
        markup=markup,
        undefined=ChainableUndefined(),  # the kit's macros compare with it
        null=None,
        MAILBOX_URL=settings.MAILBOX_URL,
        demo_sign_ins=DEMO_SIGN_INS,
    )
    made.filters.update(filters.FILTERS)
    return made


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def has_url(name: str) -> bool:
    """Whether a page without arguments of this name exists in this installation."""
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def query(request: Any, **changes: Any) -> str:
    """The address of this page with some of its query changed; ``None`` takes a key away."""
    found = request.GET.copy()
    for key, value in changes.items():
        found.pop(key, None)
        if value is not None:
            found[key] = value
    return f"?{found.urlencode()}" if found else request.path
