"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike, content: bytes) -> Path:
    """Write a file beside its place and move it there when it is complete.

    Raises
    ------
    OSError
        If it cannot be written; the error bears the name that was asked for.
    """
    path = Path(path)
    try:
        _write_and_move(path, content)
    except OSError as error:
        if error.errno is None:  # not from the system: its text is all there is
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from None
    return path


def _write_and_move(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
