"""A write that DynamoDB does not answer is an error of the store's, and no refusal."""

import pytest
from botocore.exceptions import ConnectionClosedError
from pynamodb.exceptions import PynamoDBException, TransactWriteError, UpdateError

from jobmill.records import is_contended, is_refused


@pytest.mark.parametrize("kind", [UpdateError, TransactWriteError])
def test_a_closed_connection_is_neither_a_refusal_nor_contention(kind: type[PynamoDBException]) -> None:
    error = kind("closed", ConnectionClosedError(endpoint_url="http://127.0.0.1"))
    assert not is_refused(error)
    assert not is_contended(error)
