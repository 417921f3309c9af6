"""The local stack as its start left it in `.local/`: where the API is, and who may sign in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobmill_client.errors import JobmillError
from jobmill_client.login import UserPool


class StackUnreadable(JobmillError):
    """`.local/stack.json` is there, but is not what the local stack writes."""

    code = "stack-unreadable"


@dataclass(frozen=True, kw_only=True)
class LocalStack:
    """`passwords` holds the local users' alone, by name; they are made up at the stack's start."""

    api_url: str
    pool: UserPool
    passwords: Mapping[str, str] = field(repr=False)


def find_stack(folder: Path) -> LocalStack | None:
    """The stack of the nearest `.local/stack.json` in `folder` or above it; None without one.

    Raises StackUnreadable.
    """
    for place in (folder, *folder.parents):
        if (path := place / ".local" / "stack.json").is_file():
            return _read_stack(path)
    return None


def _read_stack(path: Path) -> LocalStack:
    users = path.with_name("users.json")
    try:
        raw = _read_object(path)
        client_id = str(raw["outputs"]["UserPoolClientId"])
        endpoint_url = raw.get("endpointUrl")
        pool = UserPool(endpoint_url, client_id) if endpoint_url else UserPool.on_aws(raw["region"], client_id)
        passwords = _read_object(users) if users.is_file() else {}
        return LocalStack(api_url=str(raw["apiUrl"]), pool=pool, passwords=passwords)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StackUnreadable(f"{path} cannot be read; start the local stack again, or give --url.") from error


def _read_object(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise TypeError(f"not an object: {path}")
    return content
