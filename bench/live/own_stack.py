"""A local stack of the measurement's own, whose jobs this process changes as a function would."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobmill_local import server
from jobmill_local.deploy import deploy
from jobmill_local.stack import Stack
from jobmill_local.toolchain import ACCESS_KEY, SECRET_KEY

PROJECT = "demo"
# Hundreds of sockets are opened at once from one place; everything else is as on AWS.
PARAMETERS = {"RequestsPerSecond": "10000", "RequestBurst": "10000"}


@contextmanager
def own_stack(state: Path) -> Iterator[Stack]:
    """A fresh stack in this folder, which goes at the end; meanwhile `jobmill.jobs.operations` works on it."""
    server.stop(state)
    before = dict(os.environ)
    try:
        stack = deploy(state, server.start(state, port=0), PARAMETERS)
        os.environ.update(_environment(stack))
        yield stack
    finally:
        os.environ.clear()
        os.environ.update(before)
        server.stop(state)


def _environment(stack: Stack) -> dict[str, str]:
    name = stack.outputs["JobsApiFunctionName"]
    given: dict[str, str] = stack.aws("lambda").get_function_configuration(FunctionName=name)["Environment"][
        "Variables"
    ]
    return given | {
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "AWS_REGION": stack.region,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
