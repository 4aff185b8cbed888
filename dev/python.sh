#!/bin/sh
# Say what this machine lacks before anything is installed: Python 3.11 or newer, with venv.
python=${PYTHON:-python3}
lacks() {
  printf 'Failed: preparation of the Python environment\nWhy: %s\nWhat to do: %s\n' "$1" "$2" >&2
  exit 1
}
command -v "$python" >/dev/null || lacks "there is no $python" "install Python 3.11 or newer, or name one: make up PYTHON=/path/to/python"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  lacks "$("$python" --version) is too old" "install Python 3.11 or newer, or name one: make up PYTHON=/path/to/python"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
  lacks "$python has no venv" "install it, on Debian or Ubuntu by: apt-get install python3-venv"
