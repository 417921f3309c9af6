"""Build and deploy the real template on a local AWS, and nothing at all when nothing changed."""

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from jobmill_local.server import Server, aws_client
from jobmill_local.stack import FILE, Stack, read_stack
from jobmill_local.toolchain import REGION, ROOT, ToolFailed, run, sam, uv
from jobmill_local.users import ensure_users

STACK_NAME = "jobmill"
SOURCES = ("template.yaml", "statemachines", "functions", "layers")
_ARTIFACTS_BUCKET = "jobmill-local-artifacts"


class DeploymentRefused(ToolFailed):
    """The local AWS did not take what was built."""


def deploy(state: Path, server: Server, given: Mapping[str, str]) -> Stack:
    """The stack of the present sources with these parameters, users included.

    Raises DeploymentRefused; ToolFailed when the build fails, which leaves a running stack as it was.
    """
    parameters = local_parameters(server) | dict(given)
    source = _digest(json.dumps(parameters, sort_keys=True))
    stack = read_stack(state)
    if stack and stack.source == source and stack.endpoint_url == server.url:
        return stack
    build(state)
    (state / FILE).unlink(missing_ok=True)
    try:
        _deploy(state, server, parameters)
    except ToolFailed as error:
        raise DeploymentRefused(str(error)) from error
    outputs = _outputs(server)
    cognito = aws_client("cognito-idp", server.url)
    stack = Stack(
        state=state,
        api_url=outputs["ApiUrl"],
        region=REGION,
        endpoint_url=server.url,
        parameters=parameters,
        outputs=outputs,
        users=ensure_users(cognito, outputs["UserPoolId"], state),
        source=source,
    )
    stack.write()
    return stack


def local_parameters(server: Server) -> dict[str, str]:
    """What differs from a stack on AWS: addresses, this machine's processor, and that all of it may go."""
    arm = platform.machine() in ("arm64", "aarch64")
    return {
        "LocalEndpoint": server.url,
        "DataDeletionPolicy": "Delete",
        "Architecture": "arm64" if arm else "x86_64",
    }


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
    command = [sam(), "build", "--language-extensions", "--cached", "--parallel"]
    folders = ["--build-dir", str(folder), "--cache-dir", str(state / "build-cache")]
    # An empty platform is this machine's, on which the local AWS runs the functions.
    run([*command, *folders], state / "build.log", UV=uv(), PYTHON=sys.executable, LAYER_PLATFORM="")
    stamp.write_text(source)
    return folder


def _deploy(state: Path, server: Server, parameters: Mapping[str, str]) -> None:
    s3, place = aws_client("s3", server.url), {"LocationConstraint": REGION}
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=_ARTIFACTS_BUCKET, CreateBucketConfiguration=place)
    command = [
        sam(),
        "deploy",
        "--language-extensions",
        "--template-file",
        str(state / "build/template.yaml"),
    ]
    options = ["--stack-name", STACK_NAME, "--region", REGION, "--s3-bucket", _ARTIFACTS_BUCKET]
    consent = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-confirm-changeset"]
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    run(
        [*command, *options, *consent, "--no-fail-on-empty-changeset", "--parameter-overrides", *overrides],
        state / "deploy.log",
        AWS_ENDPOINT_URL=server.url,
        SAM_CLI_POLL_DELAY="0.3",
    )


def _outputs(server: Server) -> dict[str, str]:
    cloudformation = aws_client("cloudformation", server.url)
    described = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    if not described["StackStatus"].endswith("_COMPLETE") or "ROLLBACK" in described["StackStatus"]:
        raise DeploymentRefused(f"the stack is {described['StackStatus']}")
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
