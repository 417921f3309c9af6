"""The API's description, made from the routes and the job types' parameters; `make openapi` keeps it in `docs/`."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import ApiGatewayResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server

from jobmill.processors import job_types
from jobs_api.analysis_views import TAKES_FORMS
from jobs_api.forms import FORM
from jobs_api.requests import FILE_FIELD, AnalyzeRequest

DESCRIPTION = """Background jobs and reports. Errors are problem documents (RFC 9457) with a stable `code`.
The parameters of a job are those of its type: `ImportParams` for Import, `ExportParams` for Export."""


def openapi_document(app: ApiGatewayResolver, url: str | None = None) -> str:
    """The OpenAPI 3.1 document as JSON text; `url` is the deployment's address, if it is to be in it."""
    text = app.get_openapi_json_schema(
        title="Jobmill",
        version="1",
        openapi_version="3.1.0",
        description=DESCRIPTION,
        servers=[Server(url=url)] if url else None,
        security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        security=[{"token": []}],
    )
    document: dict[str, Any] = json.loads(text)
    for job_type in (each for each in job_types().values() if not each.is_internal):
        schema = job_type.params.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= schema.pop("$defs", {}) | {f"{job_type.name}Params": schema}
    document["paths"][TAKES_FORMS]["post"]["requestBody"] = _form()
    return json.dumps(document, indent=2, sort_keys=True)


def _form() -> dict[str, Any]:
    """The body of the route that takes a form: its file, and the fields beside it."""
    schema = AnalyzeRequest.model_json_schema()
    schema["properties"] = {FILE_FIELD: {"type": "string", "format": "binary"}} | schema["properties"]
    return {"required": True, "content": {FORM: {"schema": schema | {"required": [FILE_FIELD]}}}}
