"""The one logger: structured JSON lines. Events by name, with keys; never contents of files, never tokens."""

from aws_lambda_powertools import Logger

logger = Logger(service="jobmill")
