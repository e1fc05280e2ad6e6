"""A PostgreSQL that can be taken away for a while; what was committed is there again afterwards."""

import signal
import subprocess

from tests.support.servers.postgres import PostgresServer


class FragilePostgres(PostgresServer):
    """Commits reach the operating system before they are answered, so that a crash loses none."""

    def start(self) -> None:
        super().start()
        self.halt(signal.SIGINT)
        self.resume("-c", "synchronous_commit=on")

    def halt(self, number: int) -> None:
        """End the server: SIGINT closes every connection in order, SIGQUIT crashes it."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()

    def resume(self, *options: str) -> None:
        """The same server on the same files; returns once it answers."""
        if self._process is None or isinstance(self._process.args, str | bytes):
            raise RuntimeError("start() comes first")
        self._process = subprocess.Popen(
            [*self._process.args, *options],  # type: ignore[misc] # the list that it was started with
            user=self._user,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self._folder,
        )
        self._wait()
