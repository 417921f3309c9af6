"""The gateway: which routes are open, whose tokens it takes, and how much it lets through."""

from tests.template.expansion import Expansion, expand, mentions

OPEN = {
    *("GET /api/health", "GET /api/openapi.json", "GET /api/events.schema.json"),
    *("GET /d/{ticket}", "HEAD /d/{ticket}", "$default"),
}


def test_every_route_but_six_wants_a_token(aws: Expansion) -> None:
    routes = [each for each in aws.of_type("AWS::ApiGatewayV2::Route").values() if mentions(each["ApiId"], "Api")]
    closed = {route["RouteKey"] for route in routes if route.get("AuthorizationType") == "JWT"}

    assert closed == {"ANY /api/{proxy+}"}
    assert {route["RouteKey"] for route in routes} - closed == OPEN
    for route in routes:
        assert mentions(route["Target"], "ApiIntegration")
        assert ("AuthorizerId" in route) == (route["RouteKey"] in closed)


def test_the_stacks_own_users_are_trusted(aws: Expansion) -> None:
    jwt = aws.of_type("AWS::ApiGatewayV2::Authorizer")["ApiAuthorizer"]["JwtConfiguration"]

    assert jwt["Issuer"] == "https://cognito-idp.eu-central-1.amazonaws.com/${UserPool}"
    assert jwt["Audience"] == [{"Ref": "UserPoolClient"}]


def test_another_issuer_takes_the_place_of_the_stacks_users() -> None:
    stack = expand(JwtIssuer="https://id.example.com", JwtAudience="jobmill")
    jwt = stack.of_type("AWS::ApiGatewayV2::Authorizer")["ApiAuthorizer"]["JwtConfiguration"]

    assert (jwt["Issuer"], jwt["Audience"]) == ("https://id.example.com", ["jobmill"])
    assert stack.resources["UserPool"]["Condition"] == "HasOwnUsers"
    assert stack.resources["UserPoolClient"]["Condition"] == "HasOwnUsers"


def test_nobody_signs_himself_up(aws: Expansion) -> None:
    pool = aws.of_type("AWS::Cognito::UserPool")["UserPool"]

    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_the_stage_is_throttled(aws: Expansion) -> None:
    limits = aws.of_type("AWS::ApiGatewayV2::Stage")["ApiStage"]["DefaultRouteSettings"]

    assert limits["ThrottlingRateLimit"] == aws.parameters["RequestsPerSecond"]
    assert limits["ThrottlingBurstLimit"] == aws.parameters["RequestBurst"]


def test_only_this_api_may_call_the_function(aws: Expansion) -> None:
    permission = aws.of_type("AWS::Lambda::Permission")["ApiPermission"]

    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"] == "arn:aws:execute-api:eu-central-1:123456789012:${Api}/*"
