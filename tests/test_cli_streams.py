"""However a command is started, it ends in a sentence, and not in a traceback."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from supportbot import cli
from supportbot.cli.streams import prepare_streams, written_out
from supportbot.errors import SupportbotError
from supportbot.runtime.build import unconnected
from supportbot.settings import Settings

FULL = Path("/dev/full")


class Refusing(io.StringIO):
    """An output to which nothing can be written."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def flush(self) -> None:
        raise OSError(self._code, os.strerror(self._code))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EBADF])
def test_an_output_that_cannot_be_written_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(sys, "stdout", Refusing(code))
    monkeypatch.setattr("supportbot.cli.streams._give_up_output", lambda: None)

    with pytest.raises(SupportbotError, match="The output cannot be written"), written_out():
        pass


def test_a_reader_who_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Refusing(errno.EPIPE))
    monkeypatch.setattr("supportbot.cli.streams._give_up_output", lambda: None)

    with pytest.raises(SystemExit) as ended, written_out():
        pass

    assert ended.value.code == 0


def test_a_file_that_cannot_be_read_is_not_taken_for_the_output() -> None:
    with pytest.raises(OSError, match=r"export\.zip"), written_out():
        raise OSError(errno.EIO, "Input/output error", "export.zip")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_what_the_output_does_not_know_is_written_as_its_number(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    written = io.BytesIO()
    output = io.TextIOWrapper(written, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", output)

    prepare_streams()
    sys.stdout.write("日 …\n")
    sys.stdout.flush()

    assert written.getvalue().startswith(b"\\u65e5 ")


def test_a_closed_output_shows_nothing_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    prepare_streams()

    with pytest.raises(OSError, match="closed"):
        sys.stdout.write("Hello")


def _raise(error: BaseException) -> object:
    raise error


def test_ctrl_c_says_what_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "cli", lambda **_: _raise(KeyboardInterrupt()))

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 130
    assert "What was done until now is kept" in capsys.readouterr().err


def test_a_command_that_is_none_is_refused_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["supportbot", "nonsense"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert "nonsense" in capsys.readouterr().err


def test_forgetting_without_a_terminal_needs_to_be_sure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPPORTBOT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["supportbot", "forget", "slack:U1"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert "add --yes" in capsys.readouterr().err


@pytest.mark.parametrize("token", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DISCORD_TOKEN"])
def test_a_token_without_a_table_is_named_with_what_to_paste(token: str) -> None:
    platform = token.partition("_")[0].lower()

    (finding,) = unconnected(Settings(), {token: "x"})

    assert token in finding.problem
    assert f"[adapters.{platform}]" in finding.problem


def test_a_token_with_its_table_is_fine() -> None:
    settings = Settings(adapters={"discord": {}})

    assert list(unconnected(settings, {"DISCORD_TOKEN": "x", "SLACK_BOT_TOKEN": " "})) == []


def test_run_does_not_serve_the_terminal_in_place_of_what_was_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPPORTBOT_HOME", str(tmp_path))
    monkeypatch.setenv("DISCORD_TOKEN", "a.b.c")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["supportbot", "run"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert "Paste this into supportbot.toml: [adapters.discord]" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("redirected", ["stdout", "stderr"])
def test_a_full_disk_ends_a_command_in_a_sentence(tmp_path: Path, redirected: str) -> None:
    command = [sys.executable, "-m", "supportbot", "digest"]
    environment = {**os.environ, "SUPPORTBOT_HOME": str(tmp_path / "home")}
    with FULL.open("w") as full:
        is_stdout = redirected == "stdout"
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=environment,
            cwd=tmp_path,
            text=True,
            check=False,
            stdout=full if is_stdout else subprocess.PIPE,
            stderr=subprocess.PIPE if is_stdout else full,
        )

    assert done.returncode == (2 if redirected == "stdout" else 0)
    assert "Traceback" not in (done.stderr or "")
