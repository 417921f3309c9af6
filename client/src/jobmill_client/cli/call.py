"""One call of the command: its options, its way to the API, its two outputs and its exit code.

Exit codes: 0 done · 1 the job failed or was cancelled, or the API refused · 2 called wrongly ·
3 the API cannot be reached, or the time to wait is over · 4 not signed in, or not allowed ·
5 what was checked is not as it should be · 130 interrupted.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, Concatenate

import typer
from rich.console import Console, RenderableType

from jobmill_client.cli.display import plain
from jobmill_client.client import Client
from jobmill_client.errors import (
    ApiProblem,
    JobFailed,
    JobmillError,
    Misuse,
    NotAuthorized,
    Unreachable,
    WaitTimeout,
)
from jobmill_client.login import UserPool, id_token
from jobmill_client.stack import LocalStack, find_stack

LOCAL_USER = "demo"
LOCAL_PROJECT = "demo"
CHECK_FAILED = 5
"""The exit code where the job completed, and what it checked is not as it should be."""
PIPE_COLUMNS = 200
"""Tables in a pipe are this wide, so that ids are not broken over lines."""

Url = Annotated[str | None, typer.Option("--url", help="The API's base URL (or JOBMILL_URL; else the local stack)")]
Token = Annotated[str | None, typer.Option("--token", help="A bearer token (or JOBMILL_TOKEN; else a sign-in)")]
User = Annotated[str | None, typer.Option("--user", help="Sign in to the local stack as this user (demo)")]
Project = Annotated[str | None, typer.Option("--project", help="The project's id (or JOBMILL_PROJECT; demo locally)")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, all else on stderr.")]


@dataclass(frozen=True)
class Options:
    """What may stand before a command and after it; what stands after it holds."""

    url: str | None = None
    token: str | None = None
    user: str | None = None
    project: str | None = None
    json: bool = False

    def overridden_by(self, later: Options) -> Options:
        """These options where `later` leaves one out."""
        return Options(*(getattr(later, one.name) or getattr(self, one.name) for one in fields(Options)))


class Detached(JobmillError):
    """Ctrl-C while a job was watched."""

    code = "interrupted"

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"Job {job_id} goes on: `jobmill watch {job_id}` follows it again, `jobmill cancel {job_id}` ends it."
        )


class Call:
    """What a command works with; made anew for each call."""

    def __init__(self, options: Options) -> None:
        self.options = options
        width = None if sys.stdout.isatty() else PIPE_COLUMNS
        self.out = Console(width=width, markup=False, highlight=False)
        self.err = Console(stderr=True, markup=False, highlight=False)

    @cached_property
    def _stack(self) -> LocalStack | None:
        return find_stack(Path.cwd())

    def _local(self) -> LocalStack | None:
        """The local stack when the call goes to it; a token of its users never goes anywhere else."""
        url = (self.options.url or os.environ.get("JOBMILL_URL") or "").rstrip("/")
        return self._stack if not url or (self._stack and url == self._stack.api_url.rstrip("/")) else None

    def client(self) -> Client:
        """A client for the API of the options, signed in. Raises Misuse, NotAuthorized, Unreachable."""
        local = self._local()
        url = self.options.url or os.environ.get("JOBMILL_URL") or (local and local.api_url)
        if not url:
            raise Misuse("No API: give --url or JOBMILL_URL, or work in a folder with a running local stack.")
        try:
            return Client(url, self._token(local))
        except ValueError as error:
            raise Misuse(f"No way to the API: {error}.") from error

    def _token(self, local: LocalStack | None) -> str:
        """Of --token, of a named local user, of JOBMILL_TOKEN, of the local default user; in this order."""
        given = self.options.token or (None if self.options.user else os.environ.get("JOBMILL_TOKEN"))
        if given:
            return given
        if local is None:
            raise Misuse("No token: give --token or JOBMILL_TOKEN; `jobmill token` signs in for one.")
        return self.sign_in(local.pool, local)

    def sign_in(self, pool: UserPool | None = None, local: LocalStack | None = None) -> str:
        """An ID token for --user from `pool` (None: the local stack's).

        The password is the local user's, JOBMILL_PASSWORD, or asked for on a terminal.
        """
        if pool is None:
            local = self._stack
            if local is None:
                raise Misuse("No user pool: give --client-id and --region, or work in the local stack's folder.")
            pool = local.pool
        user = self.options.user or (LOCAL_USER if local else None)
        if user is None:
            raise Misuse("No user: give --user.")
        known = local.passwords.get(user) if local else None
        return id_token(pool, user, known or _asked_password(user))

    def project_id(self) -> str:
        """The project of the options; `demo` on the local stack. Raises Misuse without one."""
        project_id = self.given_project_id() or (LOCAL_PROJECT if self._local() else None)
        if not project_id:
            raise Misuse("No project: give --project or JOBMILL_PROJECT.")
        return project_id

    def given_project_id(self) -> str | None:
        """The project of the options, if they name one."""
        return self.options.project or os.environ.get("JOBMILL_PROJECT") or None

    def answer(self, document: Any, shown: RenderableType) -> None:
        """Say the result on stdout: `document` as JSON with --json, else `shown`."""
        if self.options.json:
            typer.echo(json.dumps(document, indent=2))
        else:
            self.out.print(shown, soft_wrap=isinstance(shown, str))

    def note(self, sentence: str) -> None:
        """Say something beside the result, on stderr."""
        self.err.print(plain(sentence), soft_wrap=True)

    def fail(self, error: JobmillError, exit_code: int) -> typer.Exit:
        """Say what went wrong, with its code; with --json as the document too. The exit to raise."""
        self.note(f"Error: {error} [{error.code}]")
        if self.options.json:
            typer.echo(json.dumps(_error_document(error), indent=2))
        return typer.Exit(exit_code)


def _asked_password(user: str) -> str:
    if password := os.environ.get("JOBMILL_PASSWORD"):
        return password
    if not sys.stdin.isatty():
        raise Misuse(f"No password for {user}: set JOBMILL_PASSWORD, or call from a terminal.")
    return str(typer.prompt(f"Password of {user}", hide_input=True, err=True))


def _error_document(error: JobmillError) -> Any:
    """A job that failed is shown as it is; any other error as `{"error": {code, message, …}}`."""
    if isinstance(error, JobFailed):
        return error.job.raw
    document: dict[str, Any] = {"code": error.code, "message": str(error)}
    if isinstance(error, ApiProblem):
        listed = [{"field": one.field, "message": one.message} for one in error.errors]
        document |= {"status": error.status, "errors": listed}
    if isinstance(error, WaitTimeout):
        document["job"] = error.job.raw
    return {"error": document}


def _exit_code(error: JobmillError) -> int:
    if isinstance(error, Misuse):
        return 2
    if isinstance(error, Unreachable | WaitTimeout):
        return 3
    if isinstance(error, NotAuthorized):
        return 4
    return 130 if isinstance(error, Detached) else 1


def command[**P](function: Callable[Concatenate[Call, P], None]) -> Callable[..., None]:
    """Make a Typer command of `function`: it gains the shared options and gets a Call as its first argument.

    Errors become one sentence on stderr and the exit code.
    """

    @wraps(function)
    def called(ctx: typer.Context, *args: P.args, **kwargs: P.kwargs) -> None:
        later = Options(*(kwargs.pop(one.name) for one in fields(Options)))  # type: ignore[arg-type]
        call = Call(ctx.ensure_object(Options).overridden_by(later))
        try:
            function(call, *args, **kwargs)
        except JobmillError as error:
            raise call.fail(error, _exit_code(error)) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            raise call.fail(_of_system(error), 1) from error
        except KeyboardInterrupt as error:
            raise call.fail(_interrupted(), 130) from error

    _sign(called, function)
    return called


def _sign(called: Callable[..., None], function: Callable[..., None]) -> None:
    """Give `called` the signature that Typer reads: a context, the function's own, the shared options."""
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = list(inspect.signature(_shared, eval_str=True).parameters.values())
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in (context, *own, *shared)]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {one.name: one.annotation for one in parameters}


def _shared(
    url: Url = None, token: Token = None, user: User = None, project: Project = None, json: Json = False
) -> None:
    """The options that every command takes; only its signature is used."""


def _of_system(error: OSError) -> JobmillError:
    where = f"{error.filename}: " if error.filename else ""
    found = JobmillError(f"{where}{error.strerror or error}")
    found.code = "file-error"
    return found


def _interrupted() -> JobmillError:
    found = JobmillError("Interrupted.")
    found.code = "interrupted"
    return found
