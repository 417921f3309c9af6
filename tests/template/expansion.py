"""The template as CloudFormation makes it: loops expanded, parameters put in, SAM's resources translated.

Both steps are the libraries that `sam` itself runs, of the pinned aws-sam-cli.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3 import Session
from samcli.lib.cfn_language_extensions import PseudoParameterValues, ResolutionMode, process_template
from samcli.yamlhelper import parse_yaml_file
from samtranslator.public.parser import Parser
from samtranslator.public.translator import Translator

ROOT = Path(__file__).parents[2]
PLACE = PseudoParameterValues(
    region="eu-central-1",
    account_id="123456789012",
    stack_name="jobmill",
    partition="aws",
    url_suffix="amazonaws.com",
)
MANAGED_POLICIES = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
"""What SAM gives every function's role: the writing of logs."""
_FILES = ("CodeUri", "ContentUri", "DefinitionUri")


@dataclass(frozen=True)
class Expansion:
    """A template with nothing left to fill in but what only exists once it is deployed (`Ref`, `Fn::GetAtt`)."""

    parameters: Mapping[str, Any]
    resources: Mapping[str, dict[str, Any]]
    outputs: Mapping[str, dict[str, Any]]

    def of_type(self, type: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of an AWS type, by logical id. Never empty: a test of none proves nothing."""
        found = {name: resource["Properties"] for name, resource in self.resources.items() if resource["Type"] == type}
        assert found, f"no {type} in the template"
        return found

    def statements(self, role: str) -> list[dict[str, Any]]:
        """What a role's own policies allow, each with lists of actions and resources."""
        policies = self.resources[role]["Properties"]["Policies"]
        return [
            statement | {"Action": as_list(statement["Action"]), "Resource": as_list(statement["Resource"])}
            for policy in policies
            for statement in policy["PolicyDocument"]["Statement"]
        ]


def source() -> dict[str, Any]:
    """The template as it is written."""
    return parse_yaml_file(str(ROOT / "template.yaml"))


def expand(**given: Any) -> Expansion:
    """The template with its parameters' defaults, or those given."""
    template = source()
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    parameters = defaults | given
    template = _resolve(template, parameters)
    _as_packaged(template)
    translator = Translator(MANAGED_POLICIES, Parser(), boto_session=Session(region_name=PLACE.region))
    translated = _resolve(translator.translate(template, parameters), parameters)
    return Expansion(parameters, translated["Resources"], translated["Outputs"])


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def mentions(value: Any, logical_id: str) -> bool:
    """Whether a value refers to a resource."""
    return any(
        found in (logical_id, [logical_id, "Arn"]) or f"${{{logical_id}" in str(found) for found in _leaves(value)
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield inner
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _resolve(template: dict[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    return dict(
        process_template(
            deepcopy(template), dict(parameters), pseudo_parameters=PLACE, resolution_mode=ResolutionMode.PARTIAL
        )
    )


def _as_packaged(template: dict[str, Any]) -> None:
    """SAM translates only what was uploaded."""
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    for resource in template["Resources"].values():
        for name in _FILES:
            if name in resource["Properties"]:
                resource["Properties"][name] = "s3://bucket/key"
