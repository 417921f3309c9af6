"""Prices of AWS in us-east-1, on demand, without free tiers: the only place where dollars stand.

As of 2025-06, from aws.amazon.com/{dynamodb,sqs,step-functions,lambda,s3,api-gateway}/pricing as they were then; look
them up again before a decision hangs on them, and change the date with them.
"""

AS_OF = "2025-06"
REGION = "us-east-1"
PER_MILLION = {
    "API requests": 1.00,  # HTTP API
    "Lambda requests": 0.20,
    "SQS requests": 0.40,  # standard queues
    "states entered": 25.00,  # standard workflows, 0.025 for a thousand
    "write units": 0.625,
    "read units": 0.125,
    "S3 writes": 5.00,  # PUT, POST, LIST
    "S3 reads": 0.40,  # GET, HEAD
}
