from datetime import date
from typing import Literal

import pytest
from pydantic import ConfigDict, Field, SecretStr, ValidationError

from pipelines import Params
from pipelines.params import ParamsRefused, build_params, model_problems


class Filters(Params):
    origin: Literal["EWR", "JFK", "LGA"] | None = None
    carriers: list[str] = Field(default_factory=list)
    top: int = Field(default=10, ge=1)
    since: date | None = None


def test_texts_of_a_command_line_become_the_values_of_the_model() -> None:
    given = {"origin": "JFK", "carriers": '["UA", "DL"]', "top": "3", "since": "2013-01-05"}

    assert build_params("flights", Filters, given) == Filters(
        origin="JFK", carriers=["UA", "DL"], top=3, since=date(2013, 1, 5)
    )


def test_a_text_null_is_none_where_none_is_allowed() -> None:
    assert build_params("flights", Filters, {"origin": "null"}) == Filters()


def test_a_text_that_looks_like_json_stays_a_text_where_one_is_wanted() -> None:
    class Note(Params):
        text: str

    assert build_params("notes", Note, {"text": "[1]"}) == Note(text="[1]")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"orign": "JFK"},
            "pipeline 'flights': parameter 'orign' is unknown, did you mean 'origin'?",
        ),
        (
            {"zzz": 1},
            "pipeline 'flights': parameter 'zzz' is unknown; known are 'origin', 'carriers', 'top', 'since'",
        ),
        (
            {"origin": "JFX"},
            "pipeline 'flights': parameter 'origin' is 'JFX': input should be 'EWR', 'JFK' or 'LGA'",
        ),
        (
            {"top": "0", "since": "soon"},
            "pipeline 'flights': parameter 'top' is 0: input should be greater than or equal to 1; "
            "parameter 'since' is 'soon': input should be a valid date or datetime, input is too short",
        ),
    ],
)
def test_a_refused_parameter_is_named_on_one_line(given: dict[str, object], message: str) -> None:
    with pytest.raises(ParamsRefused) as caught:
        build_params("flights", Filters, given)

    assert str(caught.value) == message


def test_a_missing_parameter_is_named() -> None:
    class Needed(Params):
        day: date

    with pytest.raises(ParamsRefused, match="parameter 'day' is missing"):
        build_params("flights", Needed, {})


def test_a_pipeline_without_parameters_takes_none() -> None:
    with pytest.raises(ParamsRefused, match="parameter 'day' is unknown; this pipeline takes none"):
        build_params("flights", Params, {"day": 1})


def test_parameters_cannot_be_changed_later() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Filters().top = 3  # type: ignore[misc] # the mistake


def test_a_secret_is_refused_because_parameters_are_stored() -> None:
    class Login(Params):
        user: str
        password: SecretStr | None = None

    assert list(model_problems(Login)) == [
        "parameter 'password' is a secret, and parameters are stored with each run in the clear; "
        "read it from the environment inside the step"
    ]


def test_a_model_that_lets_unknown_parameters_pass_is_refused() -> None:
    class Loose(Params):
        model_config = ConfigDict(extra="allow")

    assert list(model_problems(Loose)) == [
        "Loose must stay frozen and forbid unknown parameters: drop its own model_config"
    ]
