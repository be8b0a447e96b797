from celery import shared_task
from django.conf import settings

from partners.clock.queries import business_now
from partners.post import delivery


@shared_task(name="post.deliver")
def deliver(**kwargs: object) -> int:
    """Hands over what is due. After two days down: what is still useful, in the hours in which mail goes out."""
    return delivery.deliver_due(clock=business_now, seconds=settings.POST["run"])


@shared_task(name="post.sweep")
def sweep(**kwargs: object) -> int:
    """Returns what got stuck. After two days down: everything whose lease has ended, in one run."""
    return delivery.sweep(now=business_now())
