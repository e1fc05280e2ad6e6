"""Which library compresses, and how hard. All three write plain deflate, which every reader takes."""

import zlib
from collections.abc import Callable
from typing import Any, Literal, Protocol

from typing_extensions import Buffer

Deflate = Literal["small", "fast", "plain"]
RAW = -15  # a window of 32 KiB, without zlib's own header: what a zip entry holds
SMALL_LEVEL = 5  # of zlib-ng: files as small as zlib's 6, in less than half of its time
FAST_LEVEL = 1  # of ISA-L: an eighth larger in a tenth of the time
PLAIN_LEVEL = 6


class Compressor(Protocol):
    def compress(self, data: Buffer, /) -> bytes: ...

    def flush(self) -> bytes: ...


def compressor(deflate: Deflate) -> Compressor:
    """`small` by zlib-ng, `fast` by ISA-L, `plain` by zlib, which also stands in where the two have no wheel."""
    made: Compressor = MAKERS[deflate]()
    return made


def _small() -> Any:
    try:
        from zlib_ng import zlib_ng  # noqa: PLC0415 # there is no wheel for every platform
    except ImportError:
        return _plain()
    return zlib_ng.compressobj(SMALL_LEVEL, zlib_ng.DEFLATED, RAW)


def _fast() -> Any:
    try:
        from isal import isal_zlib  # noqa: PLC0415
    except ImportError:
        return _plain()
    return isal_zlib.compressobj(FAST_LEVEL, isal_zlib.DEFLATED, RAW)


def _plain() -> Any:
    return zlib.compressobj(PLAIN_LEVEL, zlib.DEFLATED, RAW)


def checksum() -> Callable[[Buffer, int], int]:
    """CRC-32 as a zip entry wants it: ISA-L's is ten times as fast as zlib's."""
    try:
        from isal import isal_zlib  # noqa: PLC0415
    except ImportError:
        return zlib.crc32
    return isal_zlib.crc32


MAKERS: dict[str, Callable[[], Any]] = {"small": _small, "fast": _fast, "plain": _plain}
