"""Grafana's dashboard, from a list of questions: what every operator looks at first stands at the top.

`python -m dev.documents` writes it into the chart.
"""

import json
from typing import Any

WIDTH, HEIGHT = 8, 7
COLUMNS = 3
ROUTES = 'route!~"/livez|/readyz|/metrics"'


def rate(metric: str, where: str = "", by: str = "component") -> str:
    """So many a second, added up."""
    return f"sum by ({by}) (rate({metric}{{{where}}}[$__rate_interval]))"


def quantile(share: float, metric: str, where: str = "", by: str = "component") -> str:
    """What a share of the observations of a histogram stays under."""
    return f"histogram_quantile({share}, {rate(metric + '_bucket', where, by + ', le')})"


def per_service(function: str, metric: str) -> tuple[str, str]:
    """A gauge by service: `max` where all replicas tell the same, `sum` where each has its part."""
    return f"{function} by (component) ({metric})", BY_SERVICE


BY_SERVICE = "{{component}}"
REQUESTS, COMMANDS = "inkstream_http_request_seconds", "inkstream_command_seconds"
VOID, ACCEPTED = rate("inkstream_projector_void"), rate("inkstream_projector_accepted")
FAILED = rate(REQUESTS + "_count", 'status=~"5.."')
# (title, unit, (what Prometheus is asked, how a line is called), …)
PANELS: tuple[tuple[str, str, *tuple[tuple[str, str], ...]], ...] = (
    ("Requests", "reqps", (rate(REQUESTS + "_count", ROUTES), BY_SERVICE)),
    ("Requests that fail", "percentunit", (f"{FAILED} / {rate(REQUESTS + '_count')}", BY_SERVICE)),
    ("Time to answer, 99 of 100", "s", (quantile(0.99, REQUESTS, ROUTES), BY_SERVICE)),
    ("Slowest routes, 95 of 100", "s", (f"topk(8, {quantile(0.95, REQUESTS, ROUTES, 'component, route')})", "{{component}} {{route}}")),
    ("Commands by verdict", "ops", (rate(COMMANDS + "_count", by="component, outcome"), "{{component}} {{outcome}}")),
    (
        "Time to the verdict",
        "s",
        (quantile(0.5, COMMANDS), "{{component}}, half"),
        (quantile(0.99, COMMANDS), "{{component}}, 99 of 100"),
    ),
    ("Views are stale since", "s", per_service("max", "inkstream_views_stale_seconds")),
    ("Records that views lack", "short", per_service("max", "inkstream_views_lag_records")),
    ("Where the log ends", "short", ("sum by (topic) (max by (topic, partition) (inkstream_log_end))", "{{topic}}")),
    ("Share of void records", "percentunit", (f"{VOID} / ({VOID} + {ACCEPTED})", BY_SERVICE)),
    (
        "Partitions without a leader",
        "short",
        ("max by (component) (inkstream_partitions) - sum by (component) (inkstream_leases_held)", BY_SERVICE),
    ),
    ("Parked records", "short", per_service("max", "inkstream_parked_records")),
    (
        "States remembered, of those asked for",
        "percentunit",
        (f"{rate('inkstream_states_known')} / {rate('inkstream_states_asked')}", BY_SERVICE),
    ),
    ("Passwords that wait", "short", per_service("sum", "inkstream_passwords_waiting")),
    ("Rebuild: records left", "short", per_service("min", "inkstream_rebuild_left_records")),
    ("Rebuild: seconds left", "s", per_service("min", "inkstream_rebuild_left_seconds")),
    ("Memory", "bytes", ('process_resident_memory_bytes{job="inkstream"}', "{{pod}}")),
    ("Processors", "short", ('rate(process_cpu_seconds_total{job="inkstream"}[$__rate_interval])', "{{pod}}")),
)


def dashboard() -> str:
    """Write it as Grafana reads it."""
    source = {"type": "prometheus", "uid": "${source}"}
    panels: list[dict[str, Any]] = [
        {
            "id": number + 1,
            "type": "timeseries",
            "title": title,
            "datasource": source,
            "gridPos": {"w": WIDTH, "h": HEIGHT, "x": WIDTH * (number % COLUMNS), "y": HEIGHT * (number // COLUMNS)},
            "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
            "targets": [{"refId": chr(65 + at), "expr": expr, "legendFormat": name} for at, (expr, name) in enumerate(asked)],
        }
        for number, (title, unit, *asked) in enumerate(PANELS)
    ]
    whole = {
        "uid": "inkstream",
        "title": "Inkstream",
        "tags": ["inkstream"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [{"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"}]},
        "panels": panels,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
