"""What a command says of the services that it runs on."""

from pathlib import Path

from cli.actions.attachment import Services
from presstime.settings import Settings
from scheduler.runtime import Runtime
from scheduler.supervisor import LogFolder, Supervisor


def test_who_waits_for_a_worker_of_its_own_is_not_told_to_start_one(tmp_path: Path) -> None:
    runtime = Runtime.open(Settings(data_dir=tmp_path))
    own = Supervisor([], LogFolder(tmp_path / "logs"), tmp_path)
    assert "still loading" in Services(runtime, own, None).hint
    assert "presstime up" in Services(runtime, None, tmp_path).hint
    runtime.engine.dispose()
