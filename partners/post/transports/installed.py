from django.conf import settings

from partners.post.transports import Promise, Transport
from partners.post.transports.notify import Notify
from partners.post.transports.smtp import MailServer


def installed_transport() -> Transport:
    """What carries this installation's mail: GOV.UK Notify where there is a key to it, else the mail server."""
    return Notify() if settings.NOTIFY["key"] else MailServer()


def installed_promise() -> Promise:
    """What that promises, without a connection to it."""
    return Notify.promise if settings.NOTIFY["key"] else MailServer.promise
