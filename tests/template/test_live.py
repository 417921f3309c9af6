"""The WebSocket API of live updates, and what follows the stream for it."""

import json

import pytest

from jobmill.live.requests import Action
from tests.template.expansion import Expansion, mentions
from tests.template.test_functions import FUNCTIONS, environment, rights

ANSWERED = {*Action, "$default"}


def test_the_api_picks_routes_by_the_action_of_a_message(aws: Expansion) -> None:
    api = aws.of_type("AWS::ApiGatewayV2::Api")["LiveApi"]

    assert api["ProtocolType"] == "WEBSOCKET"
    assert api["RouteSelectionExpression"] == "$request.body.action"


def test_every_action_has_a_route_whose_answer_returns_on_the_socket(aws: Expansion) -> None:
    routes = {
        name: route
        for name, route in aws.of_type("AWS::ApiGatewayV2::Route").items()
        if mentions(route["ApiId"], "LiveApi")
    }
    responses = aws.of_type("AWS::ApiGatewayV2::RouteResponse")
    answered = {
        name: route["RouteKey"]
        for name, route in routes.items()
        if route.get("RouteResponseSelectionExpression") == "$default"
    }

    assert {route["RouteKey"] for route in routes.values()} == {"$connect", "$disconnect", *ANSWERED}
    assert all(mentions(route["Target"], "LiveIntegration") for route in routes.values())
    assert set(answered.values()) == ANSWERED
    assert {response["RouteId"]["Ref"] for response in responses.values()} == set(answered)
    assert {response["RouteResponseKey"] for response in responses.values()} == {"$default"}


def test_the_stage_is_deployed_by_itself_and_throttled(aws: Expansion) -> None:
    stage = aws.of_type("AWS::ApiGatewayV2::Stage")["LiveStage"]

    assert (stage["StageName"], stage["AutoDeploy"]) == ("live", True)
    limits = stage["DefaultRouteSettings"]
    assert limits["ThrottlingRateLimit"] == aws.parameters["RequestsPerSecond"]
    assert limits["ThrottlingBurstLimit"] == aws.parameters["RequestBurst"]


def test_only_this_api_may_call_the_sockets_function(aws: Expansion) -> None:
    permission = aws.of_type("AWS::Lambda::Permission")["LivePermission"]
    integration = aws.of_type("AWS::ApiGatewayV2::Integration")["LiveIntegration"]

    assert mentions(permission["FunctionName"], "LiveSockets")
    assert permission["SourceArn"] == "arn:aws:execute-api:eu-central-1:123456789012:${LiveApi}/*"
    assert mentions(integration["IntegrationUri"], "LiveSockets")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_knows_the_address(aws: Expansion, local: Expansion, function: str) -> None:
    here = local.parameters["LocalEndpoint"].removeprefix("http://")

    address = environment(aws, function)["LIVE_URL"]
    assert address == "wss://${LiveApi}.execute-api.eu-central-1.amazonaws.com/live"
    assert environment(local, function)["LIVE_URL"] == f"ws://{here}/_aws/execute-api/${{LiveApi}}/live"


def test_changes_are_told_from_now_on_without_waiting_and_not_for_long(aws: Expansion) -> None:
    mapping = aws.of_type("AWS::Lambda::EventSourceMapping")["LiveUpdatesMapping"]
    (one,) = mapping["FilterCriteria"]["Filters"]

    assert mentions(mapping["FunctionName"], "LiveUpdates")
    assert mapping["StartingPosition"] == "LATEST"
    assert "MaximumBatchingWindowInSeconds" not in mapping
    assert "DestinationConfig" not in mapping
    assert mapping["MaximumRecordAgeInSeconds"] == aws.parameters["LiveRecordSeconds"]
    assert mapping["MaximumRetryAttempts"] == 3
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert json.loads(one["Pattern"]) == {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": ["job"]}}},
    }


def test_a_stream_has_no_more_than_the_two_readers_that_it_takes(aws: Expansion) -> None:
    mappings = aws.of_type("AWS::Lambda::EventSourceMapping").values()

    assert len([each for each in mappings if mentions(each["EventSourceArn"], "Table")]) == 2


def test_live_sockets_may_only_keep_rows(aws: Expansion) -> None:
    rows = {f"dynamodb:{action}" for action in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")}

    assert rights(aws, "LiveSocketsRole") == {"Table": rows}


def test_live_updates_may_read_the_stream_find_listeners_and_use_this_stacks_sockets_only(aws: Expansion) -> None:
    stream = {"GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"}
    find_and_remove = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem"}
    sockets = "arn:aws:execute-api:eu-central-1:123456789012:${LiveApi}/live"
    statements = aws.statements("LiveUpdatesRole")
    found = {str(resource): set(each["Action"]) for each in statements for resource in each["Resource"]}

    assert sorted(map(sorted, found.values())) == sorted(
        map(
            sorted,
            [
                find_and_remove,
                {f"dynamodb:{action}" for action in stream},
                {"execute-api:ManageConnections"},
                {"execute-api:ManageConnections"},
            ],
        )
    )
    assert {name for name in found if "execute-api" in name} == {
        f"{sockets}/POST/@connections/*",
        f"{sockets}/DELETE/@connections/*",
    }
