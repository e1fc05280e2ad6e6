import os
import sys
import threading
from pathlib import Path

import pytest

from pipelines.loading.importing import PREFIX
from pipelines.loading.registry import Registry, UnknownPipeline

PIPELINE = '''"""Totals of {name}."""

from pipelines import Pipeline

p = Pipeline("{name}")


@p.extract
def total() -> int:
    return {value}
'''


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file whose time differs from that of its last writing, whatever the clock's resolution."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    last = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(max(last, path.stat().st_mtime_ns) + 1_000,) * 2)
    return path


def load(folder: Path) -> Registry:
    return Registry.load(folder, catalog=False, entry_points=False)


def result(registry: Registry, name: str, step: str = "total") -> object:
    return registry.get(name).steps[step].call({})


def lines(registry: Registry) -> list[str]:
    return [message for problem in registry.problems for message in problem.messages]


def test_each_file_of_a_folder_is_a_pipeline(tmp_path: Path) -> None:
    file = write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=1))

    registry = load(tmp_path)
    loaded = registry.get("sales")

    assert list(registry.pipelines) == ["sales"]
    assert loaded.description == "Totals of sales."
    assert loaded.file == loaded.source == str(file)
    assert loaded.code_version.endswith(loaded.file_sha256[:12])
    assert registry.problems == ()
    assert str(tmp_path) not in sys.path


def test_a_broken_file_stops_only_itself(tmp_path: Path) -> None:
    write(tmp_path, "good.py", PIPELINE.format(name="good", value=1))
    write(tmp_path, "raises.py", 'from pipelines import Pipeline\nx = 1 / 0\np = Pipeline("raises")\n')
    write(tmp_path, "syntax.py", "x = (\n")
    write(tmp_path, "ends.py", "import sys\nsys.exit(3)\n")
    write(tmp_path, "empty.py", "x = 1\n")
    write(tmp_path, "faulty.py", PIPELINE.format(name="faulty", value=1).replace("-> int", ""))

    registry = load(tmp_path)

    assert list(registry.pipelines) == ["good"]
    assert lines(registry) == [
        f"{tmp_path}/empty.py:1: defines no Pipeline; if it is a helper, begin its name with _",
        f"{tmp_path}/ends.py:2: cannot be imported: SystemExit: 3",
        f"{tmp_path}/faulty.py:8: step 'total': its result has no annotation",
        f"{tmp_path}/raises.py:2: cannot be imported: ZeroDivisionError: division by zero",
        f"{tmp_path}/syntax.py:1: cannot be imported: SyntaxError: '(' was never closed",
    ]
    assert [problem.pipeline for problem in registry.problems] == [None, None, "faulty", "raises", None]


def test_an_import_for_type_checkers_alone_is_named_as_the_reason(tmp_path: Path) -> None:
    imports = "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\nfrom pipelines"
    text = PIPELINE.format(name="sales", value=1).replace("-> int", "-> pd.DataFrame")
    guarded = "if TYPE_CHECKING:\n    import pandas as pd\n\np ="
    write(tmp_path, "sales.py", text.replace("from pipelines", imports).replace("p =", guarded))

    assert lines(load(tmp_path)) == [
        f"{tmp_path}/sales.py:15: step 'total': the result's annotation, 'pd.DataFrame', is imported under "
        "TYPE_CHECKING, so it is unknown at run time; import 'pd' outside"
    ]


def test_a_value_of_a_wrong_type_stops_only_its_pipeline(tmp_path: Path) -> None:
    write(tmp_path, "good.py", PIPELINE.format(name="good", value=1))
    odd = PIPELINE.format(name="odd", value=1).replace("@p.extract", '@p.extract(retries="3")')
    write(tmp_path, "odd.py", odd)

    registry = load(tmp_path)

    assert list(registry.pipelines) == ["good"]
    assert lines(registry)[0].startswith(f"{tmp_path}/odd.py:5: cannot be checked: TypeError:")


def test_files_import_each_other_relatively_and_helpers_are_no_pipelines(tmp_path: Path) -> None:
    write(tmp_path, "_rates.py", "RATE = 3\n")
    write(tmp_path, "helpers.py", "from ._rates import RATE\nTWICE = RATE * 2\n")
    write(tmp_path, "deep/more.py", "EXTRA = 10\n")
    imports = "from .deep.more import EXTRA\nfrom .helpers import TWICE\nfrom pipelines"
    text = PIPELINE.format(name="sales", value="TWICE + EXTRA").replace("from pipelines", imports)
    write(tmp_path, "sales.py", text)

    registry = load(tmp_path)

    assert registry.problems == ()
    assert result(registry, "sales") == 16


def test_a_pipeline_that_another_file_imports_is_loaded_once(tmp_path: Path) -> None:
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=1))
    imports = "from .sales import p as sales\nfrom pipelines"
    write(tmp_path, "more.py", PIPELINE.format(name="more", value=2).replace("from pipelines", imports))

    registry = load(tmp_path)

    assert sorted(registry.pipelines) == ["more", "sales"]
    assert registry.problems == ()


def test_a_pipeline_made_by_a_helper_belongs_to_the_file_that_asked_for_it(tmp_path: Path) -> None:
    factory = "from pipelines import Pipeline\n\n\ndef make(name: str) -> Pipeline:\n    p = Pipeline(name)\n"
    step = "    @p.extract\n    def total() -> int:\n        return 1\n\n    return p\n"
    write(tmp_path, "_factory.py", factory + step)
    file = write(tmp_path, "sales.py", 'from ._factory import make\n\np = make("sales")\n')

    assert load(tmp_path).get("sales").file == str(file)


def test_a_name_given_twice_loads_neither(tmp_path: Path) -> None:
    write(tmp_path, "a.py", PIPELINE.format(name="sales", value=1))
    write(tmp_path, "b.py", PIPELINE.format(name="sales", value=2))
    write(tmp_path, "c.py", PIPELINE.format(name="other", value=3))

    registry = load(tmp_path)

    assert list(registry.pipelines) == ["other"]
    assert lines(registry) == [
        f"{tmp_path}/a.py:5: pipeline 'sales' is defined here and at {tmp_path}/b.py:5; rename one of them"
    ]


def test_an_unknown_pipeline_is_refused_with_a_guess_or_with_why_it_did_not_load(tmp_path: Path) -> None:
    write(tmp_path, "a.py", PIPELINE.format(name="sales", value=1))
    write(tmp_path, "b.py", PIPELINE.format(name="broken", value=1).replace("-> int", "-> integer"))
    registry = load(tmp_path)

    for name, message in (
        ("sale", "pipeline 'sale' is unknown, did you mean 'sales'?"),
        ("zzz", "pipeline 'zzz' is unknown; known are sales"),
        (
            "broken",
            f"pipeline 'broken' did not load: {tmp_path}/b.py:9: cannot be imported: "
            "NameError: name 'integer' is not defined",
        ),
    ):
        with pytest.raises(UnknownPipeline) as caught:
            registry.get(name)
        assert str(caught.value) == message


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    registry = load(tmp_path / "none")

    assert lines(registry) == [f"{tmp_path}/none:0: is no folder; check PRESSTIME_PIPELINES"]


def test_an_edited_file_is_seen_even_within_the_same_second_and_at_the_same_size(tmp_path: Path) -> None:
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=1))
    write(tmp_path, "other.py", PIPELINE.format(name="other", value=1))
    registry = load(tmp_path)
    before = registry.get("other"), registry.get("sales").code_version

    assert not registry.refresh()
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=2))

    assert registry.changed()
    assert registry.refresh()
    assert not registry.changed()
    assert result(registry, "sales") == 2
    assert registry.get("sales").code_version != before[1]
    assert registry.get("other") is before[0]


def test_an_edited_helper_reloads_those_that_import_from_it_directly_or_not(tmp_path: Path) -> None:
    write(tmp_path, "_rates.py", "RATE = 3\n")
    write(tmp_path, "_helpers.py", "from . import _rates\nTWICE = _rates.RATE * 2\n")
    text = PIPELINE.format(name="sales", value="TWICE")
    write(tmp_path, "sales.py", text.replace("from pipelines", "from ._helpers import TWICE\nfrom pipelines"))
    write(tmp_path, "other.py", PIPELINE.format(name="other", value=1))
    registry = load(tmp_path)
    other = registry.get("other")

    write(tmp_path, "_rates.py", "RATE = 4\n")

    assert registry.refresh()
    assert result(registry, "sales") == 8
    assert registry.get("other") is other


def test_an_edit_in_a_folder_of_helpers_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "deep/more.py", "EXTRA = 10\n")
    text = PIPELINE.format(name="sales", value="EXTRA")
    write(
        tmp_path, "sales.py", text.replace("from pipelines", "from .deep.more import EXTRA\nfrom pipelines")
    )
    registry = load(tmp_path)

    write(tmp_path, "deep/more.py", "EXTRA = 11\n")

    assert registry.refresh()
    assert result(registry, "sales") == 11


def test_files_come_go_break_and_are_mended(tmp_path: Path) -> None:
    file = write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=1))
    registry = load(tmp_path)

    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value="").replace("return", "retrun 1"))
    assert registry.refresh()
    assert list(registry.pipelines) == []
    assert [problem.pipeline for problem in registry.problems] == ["sales"]

    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=5))
    write(tmp_path, "other.py", PIPELINE.format(name="other", value=6))
    assert registry.refresh()
    assert (result(registry, "sales"), result(registry, "other")) == (5, 6)

    file.unlink()
    assert registry.refresh()
    assert list(registry.pipelines) == ["other"]
    assert registry.problems == ()


def test_reloading_leaves_no_old_modules_behind(tmp_path: Path) -> None:
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=0))
    registry = load(tmp_path)
    before = {name for name in sys.modules if name.startswith(PREFIX)}

    for value in range(1, 6):
        write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=value))
        assert registry.refresh()

    assert result(registry, "sales") == 5
    assert {name for name in sys.modules if name.startswith(PREFIX)} == before


def test_a_second_registry_sees_the_files_as_they_are_now(tmp_path: Path) -> None:
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=1))
    first = load(tmp_path)
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=2))

    assert result(load(tmp_path), "sales") == 2
    assert result(first, "sales") == 1


def test_two_folders_may_have_files_of_one_name(tmp_path: Path) -> None:
    write(tmp_path / "one", "sales.py", PIPELINE.format(name="sales", value=1))
    write(tmp_path / "two", "sales.py", PIPELINE.format(name="returns", value=2))

    registry = Registry.load(tmp_path / "one", tmp_path / "two", catalog=False, entry_points=False)

    assert (result(registry, "sales"), result(registry, "returns")) == (1, 2)


def test_several_threads_may_refresh(tmp_path: Path) -> None:
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=1))
    registry = load(tmp_path)
    write(tmp_path, "sales.py", PIPELINE.format(name="sales", value=2))
    answers: list[bool] = []

    threads = [threading.Thread(target=lambda: answers.append(registry.refresh())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [False, False, False, True]
    assert result(registry, "sales") == 2


def test_entry_points_are_pipelines_or_modules_and_a_broken_one_stops_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "acme_sales.py", PIPELINE.format(name="acme-sales", value=1))
    write(tmp_path, "acme_stock.py", PIPELINE.format(name="acme-stock", value=2))
    write(tmp_path, "acme_1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    points = "sales = acme_sales\nstock = acme_stock:p\nodd = os:sep\nlost = acme_lost\n"
    write(tmp_path, "acme_1.0.dist-info/entry_points.txt", f"[presstime.pipelines]\n{points}")
    (tmp_path / "acme_1.0.dist-info").rename(tmp_path / "acme-1.0.dist-info")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("acme_sales", "acme_stock"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    registry = Registry.load(catalog=False)

    assert {"acme-sales", "acme-stock"} <= set(registry.pipelines)
    assert result(registry, "acme-stock") == 2
    assert "os:sep:0: entry point 'odd' is a str, neither a Pipeline nor a module" in lines(registry)
    assert any("acme_lost:0: cannot be imported: ModuleNotFoundError" in line for line in lines(registry))
    assert not registry.changed()


def test_shipped_pipelines_load_from_their_package() -> None:
    registry = Registry.load(entry_points=False)

    assert registry.problems == ()
    assert "flight-punctuality" in registry.pipelines
    assert all(loaded.source.startswith("pipelines.catalog.") for loaded in registry.pipelines.values())


def test_an_edited_helper_is_another_version_of_the_code(tmp_path: Path) -> None:
    (tmp_path / "_rates.py").write_text("RATE = 1\n")
    (tmp_path / "sales.py").write_text(
        'from pipelines import Pipeline\nfrom ._rates import RATE\n\np = Pipeline("sales")\n\n\n'
        "@p.extract\ndef rate() -> int:\n    return RATE\n"
    )
    registry = Registry.load(tmp_path, catalog=False, entry_points=False)
    before = registry.get("sales").code_version

    (tmp_path / "_rates.py").write_text("RATE = 22\n")
    assert registry.refresh()

    after = registry.get("sales")
    assert after.code_version != before
    assert after.steps["rate"].function() == 22
