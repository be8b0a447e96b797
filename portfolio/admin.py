"""This floor's part of /admin/."""

from partners.admin import register
from portfolio.models import Portfolio

register(Portfolio)
