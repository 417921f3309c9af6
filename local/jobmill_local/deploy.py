"""Build and deploy the real template on a local AWS, and nothing at all when nothing changed."""

import hashlib
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from jobmill_local.server import Server, aws_client
from jobmill_local.stack import Stack, read_stack
from jobmill_local.toolchain import REGION, ROOT, ToolFailed, run, sam, uv
from jobmill_local.users import ensure_users

STACK_NAME = "jobmill"
SOURCES = ("template.yaml", "statemachines", "functions", "layers")
# sam looks for it beside the template, which is elsewhere once it is built.
SAMCONFIG = ("--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local")
_ARTIFACTS_BUCKET = "jobmill-local-artifacts"


class StackBroken(ToolFailed):
    """The stack could not be brought to this revision, and is not what it was either."""


def deploy(state: Path, server: Server, given: Mapping[str, str]) -> Stack:
    """The stack of the present sources with these parameters, users included.

    Raises StackBroken; ToolFailed when a parameter is wrong or the build fails, which leave a running stack
    as it was.
    """
    parameters = local_parameters(server) | dict(given)
    source = _digest(json.dumps(parameters, sort_keys=True))
    stack = read_stack(state)
    if stack and stack.source == source and stack.endpoint_url == server.url:
        return stack
    _check_names(given)
    build(state)
    if stack:
        # Should this be interrupted, the next start does not take the stack for what it was.
        replace(stack, source="").write()
    _deploy(state, server, parameters)
    outputs = _described(server)
    stack = Stack(
        state=state,
        api_url=outputs["ApiUrl"],
        region=REGION,
        endpoint_url=server.url,
        parameters=parameters,
        outputs=outputs,
        users=_users(state, server, outputs),
        source=source,
    )
    stack.write()
    return stack


def local_parameters(server: Server) -> dict[str, str]:
    """What differs from a stack on AWS: its addresses, and that all of it may go."""
    return {"LocalEndpoint": server.url, "DataDeletionPolicy": "Delete"}


def _digest(parameters: str) -> str:
    """A fingerprint of all that a build, or a deployment with these parameters, depends on."""
    digest = hashlib.sha256(parameters.encode())
    for source in SOURCES:
        for path in sorted([ROOT / source, *(ROOT / source).rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def build(state: Path) -> Path:
    """`sam build` into the state folder, unless that is what is there; gives the folder of the build.

    A stack under test and one in use do not share a build. Raises ToolFailed.
    """
    state.mkdir(parents=True, exist_ok=True)
    folder, stamp, source = state / "build", state / "build.source", _digest("")
    if folder.exists() and stamp.exists() and stamp.read_text() == source:
        return folder
    stamp.unlink(missing_ok=True)
    command = [sam(), "build", *SAMCONFIG]
    folders = ["--build-dir", str(folder), "--cache-dir", str(state / "build-cache")]
    # An empty platform is this machine's, on which the local AWS runs the functions.
    run([*command, *folders], state / "build.log", UV=uv(), PYTHON=sys.executable, LAYER_PLATFORM="")
    stamp.write_text(source)
    return folder


def _deploy(state: Path, server: Server, parameters: Mapping[str, str]) -> None:
    s3, place = aws_client("s3", server.url), {"LocationConstraint": REGION}
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=_ARTIFACTS_BUCKET, CreateBucketConfiguration=place)
    command = [sam(), "deploy", *SAMCONFIG, "--template-file", str(state / "build/template.yaml")]
    # In quotes, as a schedule has blanks
    overrides = [f'{name}="{value}"' for name, value in parameters.items()]
    try:
        run(
            [*command, "--parameter-overrides", *overrides],
            state / "deploy.log",
            AWS_ENDPOINT_URL=server.url,
            SAM_CLI_POLL_DELAY="0.3",
        )
    except ToolFailed as error:
        try:
            _described(server)
        except StackBroken:
            raise StackBroken(str(error)) from error
        raise


def _users(state: Path, server: Server, outputs: Mapping[str, str]) -> tuple[str, ...]:
    """The users of the stack's own pool; another issuer, named by parameter, has its own."""
    if "UserPoolId" not in outputs:
        return ()
    return ensure_users(aws_client("cognito-idp", server.url), outputs["UserPoolId"], state)


def _check_names(given: Mapping[str, str]) -> None:
    """Raise ToolFailed for a parameter that the template has not: `sam` would pass it over in silence."""
    if not given:
        return
    # Importing it takes half a second, which few starts need.
    from samcli.yamlhelper import parse_yaml_file  # type: ignore[import-untyped]  # noqa: PLC0415

    known = parse_yaml_file(str(ROOT / "template.yaml"))["Parameters"]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ToolFailed(f"the template has no parameter {', '.join(unknown)}; it has {', '.join(known)}")


def _described(server: Server) -> dict[str, str]:
    """The outputs of the stack. Raises StackBroken unless it is whole."""
    cloudformation = aws_client("cloudformation", server.url)
    try:
        stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except cloudformation.exceptions.ClientError as error:
        raise StackBroken(str(error)) from error
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackBroken(f"the stack is {stack['StackStatus']}")
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
