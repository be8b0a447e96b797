from datetime import timedelta

import pytest
from django.urls import reverse

from partners.audit.models import AuditEvent
from partners.audit.rules import NotPermitted
from partners.clock.queries import business_now
from partners.clock.rules import local_date
from partners.people import operations
from partners.people.models import ApiToken
from partners.people.operations.tokens import MOST_TOKENS, TokenRefused
from partners.people.queries import live_tokens_of, token_with_secret
from partners.people.rules import hash_of
from tests.builders import NOW, make_administrator, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ama():
    return make_person("Ama Mensah")


def create(person, name="Figures", days=30, now=NOW):
    return operations.create_token(name=name, days=days, by=person, now=now)


def test_create_token_keeps_only_the_hash_of_its_secret(ama):
    made = create(ama)

    token = ApiToken.objects.get()
    assert (token.user, token.name, token.expires_at) == (ama, "Figures", NOW + timedelta(days=30))
    assert token.secret_hash == hash_of(made.secret)
    event = AuditEvent.objects.get(subject_id=ama.pk)
    assert (event.action, event.summary) == ("people.create_token", "made the API token Figures")
    assert made.secret not in str(event.after)


@pytest.mark.parametrize("days", [0, -1, 366])
def test_create_token_for_too_few_or_too_many_days_is_refused(ama, days):
    with pytest.raises(TokenRefused) as refused:
        create(ama, days=days)

    assert refused.value.field == "days"


@pytest.mark.parametrize("days", [1, 365])
def test_token_works_until_the_end_of_its_days(ama, days):
    made = create(ama, days=days)

    assert token_with_secret(made.secret, now=NOW + timedelta(days=days, seconds=-1)) == made.token
    assert token_with_secret(made.secret, now=NOW + timedelta(days=days)) is None


def test_create_token_twice_makes_one(ama):
    create(ama)

    with pytest.raises(TokenRefused, match="You have a token called Figures"):
        create(ama)

    assert ApiToken.objects.count() == 1
    create(make_person())
    create(ama, now=NOW + timedelta(days=31))


def test_create_token_has_a_limit(ama):
    for number in range(MOST_TOKENS):
        create(ama, name=f"Token {number}")

    with pytest.raises(TokenRefused, match="Revoke one that you no longer need"):
        create(ama, name="One more")


def test_revoke_token_ends_it_at_once(ama):
    made = create(ama)

    operations.revoke_token(token_id=made.token.pk, by=ama, now=NOW)

    assert token_with_secret(made.secret, now=NOW) is None
    assert list(live_tokens_of(ama, now=NOW)) == []
    assert AuditEvent.objects.filter(subject_id=ama.pk).latest("pk").summary == "revoked the API token Figures"
    with pytest.raises(TokenRefused, match="already revoked"):
        operations.revoke_token(token_id=made.token.pk, by=ama, now=NOW)


def test_revoke_token_of_somebody_else_needs_an_administrator(ama):
    token = create(ama).token

    with pytest.raises(NotPermitted):
        operations.revoke_token(token_id=token.pk, by=make_person(), now=NOW)
    operations.revoke_token(token_id=token.pk, by=make_administrator("Alex"), now=NOW)

    event = AuditEvent.objects.filter(subject_id=ama.pk).latest("pk")
    assert (event.actor_name, event.summary) == ("Alex", "revoked the API token Figures of Ama Mensah")


def me(client, secret, scheme="Bearer"):
    return client.get(reverse("api_me"), headers={"Authorization": f"{scheme} {secret}"})


def test_a_token_signs_calls_in_as_its_owner(client, ama):
    secret = create(ama, now=business_now()).secret

    answer = me(client, secret)

    assert (answer.status_code, answer.json()["email"]) == (200, ama.email)
    assert ApiToken.objects.get().last_used_on == local_date(business_now())


def test_the_day_of_use_is_written_once_a_day(client, ama, django_assert_num_queries):
    secret = create(ama, now=business_now()).secret
    me(client, secret)

    with django_assert_num_queries(3):  # clock, token with its owner, roles
        me(client, secret)


@pytest.mark.parametrize("secret", ["", "tp_unknown", "tp_\N{SNOWMAN}".encode().decode("latin-1"), "a b"])
def test_a_wrong_token_is_answered_401_with_what_to_do(client, secret):
    answer = me(client, secret)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Make a new one on your account page" in answer.json()["detail"]


def test_a_revoked_an_expired_and_a_leavers_token_are_answered_401(client, ama):
    now, alex = business_now(), make_administrator()
    revoked, expired = create(ama, now=now), create(ama, "Old", days=1, now=now - timedelta(days=2))
    leaver = make_person()
    of_leaver = create(leaver, now=now)
    assert me(client, of_leaver.secret).status_code == 200
    operations.revoke_token(token_id=revoked.token.pk, by=ama, now=now)
    operations.record_leaver(person_id=leaver.pk, by=alex, now=now)

    for made in (revoked, expired, of_leaver):
        assert me(client, made.secret).status_code == 401


def test_a_token_cannot_make_tokens(client, ama):
    secret = create(ama, now=business_now()).secret

    answer = client.post(
        reverse("api_tokens"),
        {"name": "More", "days": 365},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )

    assert (answer.status_code, ApiToken.objects.count()) == (403, 1)
    assert "make it on your account page" in answer.json()["detail"]
