"""The files in deploy/ name settings, commands and figures that exist, and are well-formed as far as that can be seen here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from typer.testing import CliRunner

import channels.registry  # noqa: F401  (its counters)
from bot import conversation, metrics, outbox  # noqa: F401  (theirs)
from bot.cli import app
from bot.settings import Settings, environment_name

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".tsv")
OF_THE_FILES = {"KASAMA_ADDRESS"}
"""Of the Compose file's balancer, no setting of ours."""


def test_every_setting_is_a_real_one() -> None:
    real = {environment_name(field) for field in Settings.model_fields} | OF_THE_FILES
    for path in FILES:
        named = set(re.findall(r"\b(?:(?:KASAMA|TWILIO|TELEGRAM)_[A-Z_]+[A-Z]|SMTP_URL)\b", path.read_text()))
        assert named <= real, f"{path.relative_to(ROOT)} names settings that do not exist: {named - real}"


def test_the_settings_page_starts_a_replica_once_filled_in(tmp_path: Path) -> None:
    lines = [line for line in (DEPLOY / "settings.env.example").read_text().splitlines() if line and line[0] != "#"]
    page = dict(line.split("=", 1) for line in lines)
    page |= {
        "KASAMA_SECRET_KEY": "k" * 32,
        "KASAMA_INTERNAL_TOKEN": "t" * 32,
        "KASAMA_OPERATOR_EMAIL": "duty@ngo.example",
    }
    page |= {"SMTP_URL": "smtp://mail.example:587", "KASAMA_PUBLIC_URL": "https://kasama.example"}
    filled = tmp_path / "settings.env"
    filled.write_text("".join(f"{name}={value}\n" for name, value in page.items()))
    settings = Settings(_env_file=filled)  # type: ignore[call-arg]
    assert settings.database.startswith("postgresql+asyncpg://") and settings.rasa_urls == ["http://rasa:5005"]


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".yml"], ids=lambda p: p.name)
def test_yaml_is_read(path: Path) -> None:
    assert all(isinstance(document, dict) for document in yaml.safe_load_all(path.read_text()))


def test_what_starts_with_the_image_exists() -> None:
    compose = yaml.safe_load((DEPLOY / "compose/compose.yml").read_text())["services"]
    pods = [d for d in yaml.safe_load_all((DEPLOY / "kubernetes/kasama.yml").read_text()) if d["kind"] == "Deployment"]
    containers = [c for pod in pods for c in pod["spec"]["template"]["spec"]["containers"]]
    calls = [compose[name]["command"] for name in ("service", "rasa-1", "rasa-2")] + [c["args"] for c in containers]
    units = "\n".join(path.read_text() for path in (DEPLOY / "systemd").glob("*.service"))
    calls += [line.split() for line in re.findall(r"bin/kasama (.*?)'?$", units, re.MULTILINE)]
    assert len(calls) == 8
    for call in calls:
        told = CliRunner().invoke(app, [call[0], "--help"])
        assert told.exit_code == 0, call
        assert all(word in told.output for word in call if word.startswith("--")), call


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_units_are_well_formed(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        name = path.name.replace("@.", "@5005.")
        (tmp_path / name).write_text(path.read_text().replace("/opt/kasama/.venv/bin/kasama", "/bin/true"))
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def _named(text: str) -> set[str]:
    return set(re.findall(r"\bkasama_[a-z_]+", text))


def test_every_figure_that_is_watched_is_told() -> None:
    told = set(re.findall(r"^# TYPE (\S+) (\S+)", generate_latest().decode(), re.MULTILINE))
    names = {name for name, _ in told} | {f"{name}_bucket" for name, kind in told if kind == "histogram"}
    alerts = yaml.safe_load((DEPLOY / "monitoring/alerts.yml").read_text())
    rules: list[dict[str, Any]] = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert all({"alert", "expr", "labels", "annotations"} <= rule.keys() for rule in rules)
    dashboard = json.loads((DEPLOY / "monitoring/dashboard.json").read_text())
    drawn = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    watched = _named(" ".join([*drawn, *(rule["expr"] for rule in rules)]))
    assert len(watched) > 12 and watched <= names, watched - names


def test_what_was_not_run_is_marked() -> None:
    for path in FILES:
        if path.parent.name in ("systemd", "compose", "kubernetes", "deploy") and path.suffix in (
            "",
            ".yml",
            ".service",
            ".timer",
        ):
            head = "".join(path.read_text().splitlines(keepends=True)[:6])
            assert "NOT " in head, f"{path.name} does not say in its first lines what could not be tried"
