"""What is where: the same files in every service, pure modules that stay pure, files that can be read at one sitting."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("auth_service", "posts_service", "comments_service", "query_service")
FILES = {"__init__", "__main__", "app", "api", "bodies", "store", "projection", "domain", "settings"}
EXTRA: dict[str, dict[str, str]] = {  # service: {file: why it is there}
    "auth_service": {"passwords": "bcrypt on threads of its own, which neither store nor domain may know"},
}

PURE = [
    "eventlog/referee.py",
    "eventlog/judging.py",
    "eventlog/partitioner.py",
    "eventlog/projection.py",
    *(f"{service}/{module}" for service in SERVICES for module in ("domain", "projection")),
    *(f"events/{topic}.py" for topic in ("accounts", "sessions", "posts", "comments", "keys", "jwks", "commands", "base", "refusals")),
]
PURE_LIBRARY = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "itertools",
    "json",
    "math",
    "operator",
    "re",
    "string",
    "struct",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
    "uuid",
    "zlib",
}
IMPURE_CALLS = {"now", "utcnow", "today", "uuid4", "uuid1", "open", "input", "print"}


def files_of(service: str) -> set[str]:
    modules = {path.stem for path in (ROOT / service).glob("*.py")}
    packages = {path.parent.name for path in (ROOT / service).glob("*/__init__.py")}
    return modules | packages


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_files(service: str) -> None:
    expected = FILES - {"domain"} | {"pages"} if service == "query_service" else FILES

    assert expected | EXTRA.get(service, {}).keys() == files_of(service)


def modules(path: str) -> list[Path]:
    place = ROOT / path
    if place.is_dir():
        return sorted(place.rglob("*.py"))
    return [place] if place.suffix else [place.with_suffix(".py")]


@pytest.mark.parametrize("path", [path for path in PURE if path != "query_service/domain"])
def test_a_pure_module_knows_no_clock_no_chance_and_no_world(path: str) -> None:
    own = path.split("/", 1)[0]
    for module in modules(path):
        for node in ast.walk(ast.parse(module.read_text())):
            for name in imported(node):
                assert name in PURE_LIBRARY | {"events", "prose", "eventlog", own}, f"{module} imports {name}"
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in IMPURE_CALLS, f"{module}:{node.lineno} calls {called}"


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").split(".")[0]]
    return []


def sources() -> list[Path]:
    command = [shutil.which("git") or "git", "ls-files", "*.py", "*.ts", "*.tsx"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603 - no input from outside
    return [ROOT / name for name in listed]


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    long = {str(path.relative_to(ROOT)): length for path in sources() if (length := len(path.read_text().splitlines())) > 300}

    assert {} == long


def test_imports_go_one_way() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - no input from outside

    assert done.returncode == 0, done.stdout
