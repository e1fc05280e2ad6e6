"""What the documentation says exists, and what exists is in the documentation."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from presstime.settings import PROJECT, Settings

DOCS = PROJECT / "docs"
VARIABLE = re.compile(r"PRESSTIME_[A-Z_]+")


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def known_variables() -> set[str]:
    return {f"PRESSTIME_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_is_documented_as_the_code_has_it() -> None:
    assert reference().settings_table() in (DOCS / "settings.md").read_text(), "run: python docs/reference.py"


def test_every_command_is_documented_as_the_code_has_it() -> None:
    assert reference().commands_table() in (DOCS / "commands.md").read_text(), "run: python docs/reference.py"


@pytest.mark.parametrize("path", [*DOCS.rglob("*.md"), *PROJECT.glob("*.md")], ids=lambda path: path.name)
def test_a_page_names_only_variables_that_exist(path: Path) -> None:
    named = set(VARIABLE.findall(path.read_text())) - {"PRESSTIME_"}

    assert named <= known_variables()


@pytest.mark.parametrize("path", [*DOCS.rglob("*.md"), *PROJECT.glob("*.md")], ids=lambda path: path.name)
def test_a_page_links_only_to_files_that_exist(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())

    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", [*DOCS.rglob("*.md"), PROJECT / "README.md"], ids=lambda path: path.name)
def test_a_page_names_only_commands_that_exist(path: Path) -> None:
    commands = set(re.findall(r"`presstime ([a-z]+)", (DOCS / "commands.md").read_text()))

    assert set(re.findall(r"`presstime ([a-z]+)", path.read_text())) <= commands


def compose() -> dict[str, dict[str, dict[str, object]]]:
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
        (PROJECT / "docker-compose.yml").read_text()
    )
    return loaded


def test_each_service_runs_a_command_that_exists() -> None:
    commands = set(re.findall(r"`presstime ([a-z]+)", (DOCS / "commands.md").read_text()))
    ours = {
        name: service["command"]
        for name, service in compose()["services"].items()
        if service.get("image") == "presstime:latest"
    }

    assert {"api", "worker", "beat", "keeper", "flower", "migrate"} <= set(ours)
    for name, command in ours.items():
        assert isinstance(command, list)
        if command[0] == "presstime":
            assert command[1] in commands, name
        else:
            assert command[:3] == ["celery", "-A", "scheduler.celery_app"], name


def test_each_variable_of_the_services_exists() -> None:
    text = (PROJECT / "docker-compose.yml").read_text() + (PROJECT / "Dockerfile").read_text()

    assert set(VARIABLE.findall(text)) <= known_variables()


def test_every_variable_that_compose_asks_for_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "docker-compose.yml").read_text()))
    given = set(re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE))

    assert asked == given


def test_compose_services_are_valid_by_the_published_schema() -> None:
    import subprocess
    import sys

    checked = subprocess.run(
        [
            Path(sys.executable).parent / "check-jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            PROJECT / "docker-compose.yml",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
