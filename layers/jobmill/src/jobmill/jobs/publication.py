"""What a job publishes with its completion, in the same write."""

from typing import Protocol

from pynamodb.transactions import TransactWrite

from jobmill.errors import Conflict


class Publication(Protocol):
    """Something that becomes visible with the job's completion and not otherwise."""

    def add_to(self, transaction: TransactWrite) -> None:
        """Add its conditional writes to the transaction that completes the job."""


class PublicationRefused(Conflict):
    """What the job publishes has moved since it was looked at; look again and repeat."""
