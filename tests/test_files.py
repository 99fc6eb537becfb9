"""Files are whole or not there, and errors name the file that was asked for."""

import os

import pytest

from diffkit.files import write_whole


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text("old")
    assert write_whole(path, b"new") == path
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.svg"]


@pytest.mark.parametrize("kind", ["no folder", "a folder", "a file as folder"])
def test_the_error_names_the_file_that_was_asked_for(tmp_path, kind):
    """The name of the temporary file beside it would lead nowhere."""
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "file").write_text("here")
    path = tmp_path / {
        "no folder": "missing/a.svg", "a folder": "folder.svg", "a file as folder": "file/a.svg"
    }[kind]  # fmt: skip
    with pytest.raises(OSError) as caught:
        write_whole(path, b"new")
    assert str(caught.value).endswith(f"'{path}'")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.svg"]
