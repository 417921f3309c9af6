"""Signing in to the Cognito user pool for an ID token: one unsigned POST, no AWS library."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import requests

from jobmill_client.answers import problem, read
from jobmill_client.errors import ApiProblem, NotAuthorized
from jobmill_client.transport import NoAuthorization, Transport

SIGN_IN_SECONDS = 30.0
REFUSALS = {
    "NotAuthorizedException": "The user name or the password is wrong.",
    "UserNotFoundException": "The user name or the password is wrong.",
    "PasswordResetRequiredException": "The password has to be reset first, by the code that was sent.",
    "UserNotConfirmedException": "The user has not confirmed the account yet.",
}
CHALLENGES = {
    "NEW_PASSWORD_REQUIRED": "The password is a temporary one: choose a new one first, or let an "
    "administrator set a permanent one (admin-set-user-password --permanent), then ask again.",
}


@dataclass(frozen=True)
class UserPool:
    """Where users sign in. `endpoint_url` is the identity provider's, `client_id` the app client's."""

    endpoint_url: str
    client_id: str = field(repr=False)

    @classmethod
    def on_aws(cls, region: str, client_id: str) -> UserPool:
        """The pool of an app client in a region. Raises ValueError for what is not a region's name."""
        if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region):
            raise ValueError(f"not the name of an AWS region: {region!r}")
        return cls(f"https://cognito-idp.{region}.amazonaws.com/", client_id)


def id_token(pool: UserPool, user: str, password: str) -> str:
    """The ID token (a bearer token with name and groups) of the user.

    Raises NotAuthorized when the pool refuses the user or wants something more than a password
    (`new-password-required`, …), ApiProblem for anything else that it answers, Unreachable.
    """
    transport = Transport(SIGN_IN_SECONDS)
    request = requests.Request(
        "POST",
        pool.endpoint_url,
        auth=NoAuthorization(),
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
        },
        json={
            "AuthFlow": "USER_PASSWORD_AUTH",
            "ClientId": pool.client_id,
            "AuthParameters": {"USERNAME": user, "PASSWORD": password},
        },
    )
    try:
        response = transport.send(request, repeatable=True)
    finally:
        transport.close()
    if not response.ok:
        raise _refusal(response)
    answer: dict[str, Any] = read(response, dict)
    if challenge := answer.get("ChallengeName"):
        raise _challenged(response.status_code, str(challenge))
    return read(response, lambda body: str(body["AuthenticationResult"]["IdToken"]))


def _refusal(response: requests.Response) -> ApiProblem:
    """Cognito answers `{"__type": "…#NotAuthorizedException", "message": …}`."""
    found = problem(response)
    try:
        kind = str(response.json()["__type"]).rpartition("#")[2]
    except (KeyError, TypeError, ValueError):
        return found
    if kind in REFUSALS:
        return NotAuthorized(response.status_code, "sign-in-refused", "Sign-in refused", REFUSALS[kind])
    return ApiProblem(response.status_code, kind, "Sign-in failed", f"The user pool refused: {found.detail}")


def _challenged(status: int, challenge: str) -> NotAuthorized:
    code = challenge.lower().replace("_", "-")
    unknown = f"The user pool asks for more than a password ({challenge}), which this command cannot give."
    return NotAuthorized(status, code, "Sign-in not finished", CHALLENGES.get(challenge, unknown))
