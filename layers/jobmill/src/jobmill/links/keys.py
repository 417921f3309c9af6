"""The keys that sign tickets: the two newest values of one secret, as Secrets Manager keeps them by itself.

Its AWSCURRENT value signs; its AWSPREVIOUS one is still believed. So one `put-secret-value` is a whole rotation.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from jobmill.errors import DependencyError
from jobmill.links.tickets import MIN_SECRET_BYTES, Key
from jobmill.log import logger

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

BELIEVED = timedelta(minutes=5)
"""How long keys are taken for the present ones without another look."""
LOOKS_APART = timedelta(seconds=2)
"""Between two looks for a key of an unknown id: anyone may send tickets of made-up keys, and a look costs money."""
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class LinkKeys:
    """The keys in the secret `secret_id`, kept by this process. Raises DependencyError `links-unavailable`."""

    def __init__(
        self, client: Callable[[], "SecretsManagerClient"], secret_id: str, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._keys: tuple[Key, ...] = ()
        self._looked_at: datetime | None = None

    def current(self) -> Key:
        """The key that signs, at most five minutes after it has become that."""
        self._look_after(BELIEVED)
        return self._keys[0]

    def find(self, key_id: bytes) -> Key | None:
        """The key of this id, if it is one of the two."""
        self._look_after(BELIEVED)
        found = self._known(key_id)
        if found is None:
            self._look_after(LOOKS_APART)
            found = self._known(key_id)
        return found

    def _known(self, key_id: bytes) -> Key | None:
        return next((key for key in self._keys if key.id == key_id), None)

    def _look_after(self, pause: timedelta) -> None:
        """Read the keys if that was not done within `pause`. Known ones are believed on while the secret is away."""
        now = self._clock()
        if self._looked_at is not None and now - self._looked_at < pause:
            return
        try:
            keys = [key for stage in (CURRENT, PREVIOUS) if (key := self._read(stage)) is not None]
        except (BotoCoreError, ClientError, DependencyError) as error:
            if not self._keys:
                raise _unavailable() from error
            logger.exception("link keys not read")
        else:
            self._keys = tuple(keys)
        self._looked_at = now

    def _read(self, stage: str) -> Key | None:
        """The key of a stage; none of a secret that was never rotated. Raises DependencyError for a weak one."""
        client = self._client()
        try:
            answer = client.get_secret_value(SecretId=self._secret_id, VersionStage=stage)
        except client.exceptions.ResourceNotFoundException:
            if stage == PREVIOUS:
                return None
            raise
        secret = answer.get("SecretString", "").encode()
        if len(secret) < MIN_SECRET_BYTES:
            logger.error("link key too short", stage=stage, bytes=len(secret))
            if stage == PREVIOUS:
                return None
            raise _unavailable()
        return Key(secret)


def _unavailable() -> DependencyError:
    return DependencyError("links-unavailable", "Links cannot be made or checked at the moment. Try again soon.")
