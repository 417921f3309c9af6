"""The local user pool's people: made afresh with each stack, with passwords that are kept for the folder."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from jobmill_local.stack import PASSWORDS

MEMBERSHIPS = {"demo": "demo:writer", "viewer": "demo:reader", "other": "other:writer", "admin": "admin"}


def ensure_users(cognito: Any, pool_id: str, state: Path) -> tuple[str, ...]:
    """Give the pool its groups and users. Safe to repeat: who is there gets the same password."""
    passwords = _passwords(state / PASSWORDS)
    for user, group in MEMBERSHIPS.items():
        _add_group(cognito, pool_id, group)
        _add_user(cognito, pool_id, user)
        cognito.admin_set_user_password(UserPoolId=pool_id, Username=user, Password=passwords[user], Permanent=True)
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=user, GroupName=group)
    return tuple(MEMBERSHIPS)


def _add_group(cognito: Any, pool_id: str, group: str) -> None:
    try:
        cognito.create_group(UserPoolId=pool_id, GroupName=group)
    except cognito.exceptions.GroupExistsException:
        return


def _add_user(cognito: Any, pool_id: str, user: str) -> None:
    attributes = {"email": f"{user}@example.com", "email_verified": "true", "name": user.capitalize()}
    try:
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=user,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
    except cognito.exceptions.UsernameExistsException:
        return


def _passwords(path: Path) -> dict[str, str]:
    """A password for each user, made up at first; only the file's owner may read it."""
    known = json.loads(path.read_text()) if path.exists() else {}
    # The tail has one of each kind of character that a pool asks for.
    passwords = {user: known.get(user) or f"{secrets.token_urlsafe(18)}-Aa1" for user in MEMBERSHIPS}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(passwords, file, indent=2)
    return passwords
