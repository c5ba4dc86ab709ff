"""Set-up: what it does when, what it finds, and what it says when it cannot go on."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(autouse=True)
def programs_of_setup(monkeypatch: pytest.MonkeyPatch) -> None:
    """`setup/` is a folder of programs, not a package: its modules find each other by that folder."""
    monkeypatch.syspath_prepend(str(ROOT / "setup"))


@pytest.fixture
def prepare() -> ModuleType:
    return importlib.import_module("prepare")


class FakeInstaller:
    """Notes what it is asked to do; `breaks` names the step that fails."""

    uv: str | None = "uv"

    def __init__(self, breaks: str = "") -> None:
        self.steps: list[str] = []
        self.breaks = breaks

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if name.split(" ")[0] == self.breaks:
            raise KeyboardInterrupt

    def create(self, folder: Path, versions: Sequence[str], say: Any) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()
        self._step("create")

    def fill(self, folder: Path, lock: Path, say: Any, versions: Sequence[str]) -> None:
        self._step(f"fill {lock.name}")

    def install_checkout(self, folder: Path, say: Any) -> None:
        self._step("checkout")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with locks and nothing else."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def make(prepare: ModuleType, root: Path, number: int, installer: FakeInstaller, *, tests: bool = False) -> list[str]:
    """Bring environment `number` up to date as `main` does; returns the steps taken."""
    environment = prepare.environments(root, tests)[number]
    if not environment.ready():
        prepare.prepare(environment, installer, lambda _: None)
    return installer.steps


@pytest.mark.parametrize(("number", "lock", "more"), [(0, "service", ["checkout"]), (1, "dialogue", [])])
def test_makes_an_environment_once(prepare: ModuleType, root: Path, number: int, lock: str, more: list[str]) -> None:
    assert make(prepare, root, number, FakeInstaller()) == ["create", f"fill {lock}.txt", *more]
    assert make(prepare, root, number, FakeInstaller()) == []


def test_a_changed_lock_is_followed_without_making_it_anew(prepare: ModuleType, root: Path) -> None:
    make(prepare, root, 1, FakeInstaller())
    with (root / "requirements" / "dialogue.txt").open("a") as lock:
        lock.write("# changed\n")
    assert make(prepare, root, 1, FakeInstaller()) == ["fill dialogue.txt"]


@pytest.mark.parametrize("step", ["create", "fill", "checkout"])
def test_an_interrupted_set_up_is_repaired(prepare: ModuleType, root: Path, step: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(prepare, root, 0, FakeInstaller(breaks=step))
    assert make(prepare, root, 0, FakeInstaller()) == ["create", "fill service.txt", "checkout"]


def test_an_interrupted_update_is_repaired(prepare: ModuleType, root: Path) -> None:
    make(prepare, root, 0, FakeInstaller())
    with (root / "requirements" / "service.txt").open("a") as lock:
        lock.write("# changed\n")
    with pytest.raises(KeyboardInterrupt):
        make(prepare, root, 0, FakeInstaller(breaks="fill"))
    assert make(prepare, root, 0, FakeInstaller())[0] == "create"


def test_a_python_that_was_removed_and_a_moved_checkout_are_noticed(prepare: ModuleType, root: Path) -> None:
    make(prepare, root, 1, FakeInstaller())
    (root / ".venv-rasa" / "bin" / "python").unlink()
    assert make(prepare, root, 1, FakeInstaller())[0] == "create"
    moved = root.rename(root.with_name("moved"))
    assert make(prepare, moved, 1, FakeInstaller())[0] == "create"


def test_the_tests_packages_come_with_make_test_and_stay(prepare: ModuleType, root: Path) -> None:
    make(prepare, root, 0, FakeInstaller())
    assert make(prepare, root, 0, FakeInstaller(), tests=True) == ["fill test.txt", "checkout"]
    assert make(prepare, root, 0, FakeInstaller()) == [], "make run must not undo what make test has installed"
    with (root / "requirements" / "test.txt").open("a") as lock:
        lock.write("# changed\n")
    assert make(prepare, root, 0, FakeInstaller()) == ["fill test.txt", "checkout"]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: failed to write: No space left on device (os error 28)", "The disk is full"),
        ("error: Failed to fetch: `x`\n  dns error: failed to lookup address", "could not be downloaded"),
        ("error: No interpreter found for Python 3.10 in managed installations", "Python 3.10 is not on this machine"),
        ("error: Hash mismatch for `regex==1`", "not the one that this project was locked to"),
        ("error: Permission denied (os error 13)", "belongs to you"),
        ("error: command 'gcc' failed: No such file", "C compiler"),
        ("something else", "the tool's own words are below"),
    ],
)
def test_a_failure_says_what_is_wrong_and_what_to_do(output: str, words: str) -> None:
    explain = importlib.import_module("failures").explain
    text = explain(output, root=ROOT, versions=("3.10",))
    assert words in text and output.splitlines()[-1] in text


def test_without_a_network_it_ends_with_a_sentence(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The real installer, with the real uv's or pip's place taken by a program that fails as they do."""
    installer = importlib.import_module("installer")
    failures = importlib.import_module("failures")
    broken = root / "uv"
    broken.write_text("#!/bin/sh\necho 'error: Failed to fetch: dns error' >&2\nexit 2\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    made = installer.Installer(root, str(broken), {"PATH": "/usr/bin:/bin"})
    with pytest.raises(failures.SetupFailure, match="Check the connection"):
        made.fill(root / ".venv", root / "requirements" / "service.txt", lambda _: None, ("3.12",))


def test_pythons_of_pyenv_are_found_and_broken_ones_passed_over(tmp_path: Path) -> None:
    pythons = importlib.import_module("pythons")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for patch, text in (("9", "exit 127"), ("10", f'exec {sys.executable} "$@"'), ("11", "exit 1")):
        program = tmp_path / "versions" / f"{version}.{patch}" / "bin" / f"python{version}"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    environ = {"PYENV_ROOT": str(tmp_path), "PATH": "/nowhere", "HOME": str(tmp_path)}
    found = [path for path in pythons.candidates(version, environ) if tmp_path in path.parents]
    assert [path.parent.parent.name for path in found] == [f"{version}.{patch}" for patch in ("11", "10", "9")]
    assert [pythons.works_as(path, version, environ) for path in found] == [False, True, False]
    assert not pythons.works_as(found[1], "3.99", environ)
    assert pythons.find_python(("3.99",), environ) is None


def test_the_programs_of_setup_run_on_old_pythons() -> None:
    """Set-up starts on whatever Python a machine has; the grammar of 3.8 is what it may use."""
    for path in (ROOT / "setup").glob("*.py"):
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 8))


def test_nothing_to_do_is_quick_to_find_out(prepare: ModuleType, root: Path) -> None:
    for number in (0, 1):
        make(prepare, root, number, FakeInstaller())
    program = f"import sys; sys.path.insert(0, {str(ROOT / 'setup')!r}); import prepare, pathlib; "
    program += (
        f"code = prepare.main([], pathlib.Path({str(root)!r})); assert 'installer' not in sys.modules; sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=5)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_name_no_address_and_hash_everything(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text and "index" not in re.sub(r"^\S+==", "", text, flags=re.M).split("--hash")[0]
    packages = re.split(r"\n(?=\S)", text.strip())
    for package in packages:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", package), package[:80]
        assert "--hash=sha256:" in package, package[:80]


def _versions(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return {match[0].rstrip(" \\") for match in re.finditer(r"^\S+==.*$", text, flags=re.M)}


def test_the_tests_run_on_the_very_versions_that_serve() -> None:
    assert _versions("service") <= _versions("test")


def test_every_dependency_is_locked_and_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)
    locked = " ".join(_versions("service")).lower()
    for requirement in project["project"]["dependencies"]:
        name = re.split(r"[\[<>=~ ;]", requirement)[0].lower().replace(".", "-").replace("_", "-")
        assert re.search(rf"(^| ){re.escape(name)}(\[[\w,-]+\])?==", locked), f"run `make lock`: {name} is in no lock"
        lines = [line for line in text.splitlines() if f'"{requirement}",' in line]
        assert any("#" in line for line in lines), f"pyproject.toml: say in a comment what {name} is for"


# Distributions whose import name is another, or that are used without an import.
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "python-dotenv": "dotenv",
    "ruamel-yaml": "ruamel",
    "pyahocorasick": "ahocorasick",
    "python-telegram-bot": "telegram",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
NOT_IMPORTED = {"asyncpg", "jinja2", "python-multipart", "setuptools"}


def _imports(*folders: str) -> set[tuple[str, Path]]:
    """Top-level names of other people's packages that the code imports, with the files that do."""
    found = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                found |= {(name.split(".")[0], path) for name in names}
    ours = {"bot", "channels", "actions", "tests"}
    return {(name, path) for name, path in found if name not in sys.stdlib_module_names and name not in ours}


def _declared() -> tuple[set[str], set[str]]:
    """Import names of the service's dependencies and of the dialogue group's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

    def names(requirements: list[str]) -> set[str]:
        plain = [re.split(r"[\[<>=~ ;]", item)[0].lower().replace(".", "-") for item in requirements]
        return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in plain if name not in NOT_IMPORTED}

    return names(project["project"]["dependencies"]), names(project["dependency-groups"]["dialogue"])


def test_every_import_is_declared_and_every_dependency_is_imported() -> None:
    """A package that only happens to be there through another one goes away with the other one's next version."""
    service, dialogue = _declared()
    used = _imports("bot", "channels", "actions")
    for name, path in sorted(used):
        where = path.relative_to(ROOT).as_posix()
        allowed = dialogue if where.startswith("bot/nlu/") else service | dialogue
        assert name in allowed, f"{where} imports {name}: add its package to pyproject.toml, then run `make lock`"
    unused = service - {name for name, _ in used}
    assert not unused, f"pyproject.toml: nothing imports {', '.join(sorted(unused))}; remove it, then run `make lock`"
