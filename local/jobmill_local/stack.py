"""The deployed stack as its start left it: what tests, the demonstration and the command line read."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobmill_client import Client
from jobmill_client.login import UserPool, id_token
from jobmill_local.server import aws_client

FILE = "stack.json"
PASSWORDS = "users.json"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack on a local AWS.

    `parameters` are those given, `outputs` the template's; `source` is the digest of what was deployed.
    """

    state: Path
    api_url: str
    region: str
    endpoint_url: str
    parameters: dict[str, str]
    outputs: dict[str, str]
    users: tuple[str, ...]
    source: str

    def aws(self, service: str) -> Any:
        """A boto3 client of the local AWS, with its owner's rights."""
        return aws_client(service, self.endpoint_url)

    def token(self, user: str) -> str:
        """A fresh ID token of a local user."""
        password = json.loads((self.state / PASSWORDS).read_text())[user]
        return id_token(UserPool(self.endpoint_url, self.outputs["UserPoolClientId"]), user, password)

    def client(self, user: str) -> Client:
        """Jobmill's client, signed in as a local user."""
        return Client(self.api_url, self.token(user))

    def write(self) -> None:
        """Keep it for the next command."""
        content = {
            "apiUrl": self.api_url,
            "region": self.region,
            "endpointUrl": self.endpoint_url,
            "parameters": self.parameters,
            "outputs": self.outputs,
            "users": list(self.users),
            "source": self.source,
        }
        (self.state / FILE).write_text(json.dumps(content, indent=2) + "\n")


def read_stack(state: Path) -> Stack | None:
    """The stack of a state folder; none if there is no whole one, of this revision of the file."""
    try:
        content = json.loads((state / FILE).read_text())
        return Stack(
            state=state,
            api_url=content["apiUrl"],
            region=content["region"],
            endpoint_url=content["endpointUrl"],
            parameters=content["parameters"],
            outputs=content["outputs"],
            users=tuple(content["users"]),
            source=content["source"],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
