"""Every alert fires when it should, is silent before and after, has a page that says what to do, and asks for what the services show."""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from dev.documents import ROOT, shown_metrics
from tests.helm.conftest import FOLDER, Render

PROMTOOL = ROOT / ".tools/promtool"
RULES = FOLDER / "files/alerts.yaml"
CASES = Path(__file__).with_name("alerts.yaml")
RUNBOOKS = ROOT / "docs/runbooks"
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]
}
PROMETHEUS_OWN = {"up"}


def names_in(expression: str) -> set[str]:
    """The metrics that an expression asks for, as their families are called."""
    found = set(re.findall(r"\b(?:inkstream_\w+|process_\w+|up)\b", expression))
    return {re.sub(r"(?<=_seconds)_(bucket|count|sum)$|_total$", "", name) for name in found} - PROMETHEUS_OWN


@pytest.mark.parametrize("words", [["check", "rules", "--lint-fatal", str(RULES)], ["test", "rules", str(CASES)]], ids=["sound", "proven"])
def test_promtool_finds_nothing_wrong(words: list[str]) -> None:
    done = subprocess.run([PROMTOOL, *words], capture_output=True, text=True, check=False)  # noqa: S603 - a pinned program, our own words

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_to_fire_to_be_silent_and_to_recover() -> None:
    seen: dict[str, list[bool]] = defaultdict(list)

    for case in yaml.safe_load(CASES.read_text())["tests"]:
        for look in case["alert_rule_test"]:
            seen[look["alertname"]].append("exp_alerts" in look)

    for alert in ALERTS:
        looks = seen[alert]
        assert False in looks[: looks.index(True)], f"{alert} is not silent before"
        assert False in looks[looks.index(True) :], f"{alert} does not recover"
    assert set(ALERTS) == set(seen)


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    pages = {file.stem: file.read_text() for file in RUNBOOKS.glob("Inkstream*.md")}

    assert set(ALERTS) == set(pages)
    for alert, page in pages.items():
        assert page.startswith(f"# {alert}\n")
        assert ["What it means", "Look", "Do"] == re.findall(r"^## (.+)$", page, re.MULTILINE)


def test_alerts_and_dashboard_ask_for_what_the_services_show() -> None:
    panels = json.loads((FOLDER / "files/dashboard.json").read_text())["panels"]
    asked = [rule["expr"] for rule in ALERTS.values()] + [target["expr"] for panel in panels for target in panel.get("targets", [])]

    assert set() == {name for expression in asked for name in names_in(expression)} - shown_metrics()


def test_an_alert_links_to_its_page(render: Render) -> None:
    [rule] = render("operators").of("PrometheusRule").values()

    made = rule["spec"]["groups"][0]["rules"]

    assert {each["alert"]: f"https://blog.example/docs/runbooks/{each['alert']}.md" for each in made} == {
        each["alert"]: each["annotations"]["runbook_url"] for each in made
    }
    assert set(ALERTS) == {each["alert"] for each in made}
