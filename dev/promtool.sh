#!/usr/bin/env bash
# Put promtool, which tests the alerts, into a folder: dev/promtool.sh FOLDER
#
# The one on PATH is taken where there is one, else that of Debian's package, which is unpacked and not installed.
set -euo pipefail
folder=$1
mkdir -p "$folder"
target=$(cd "$folder" && pwd)
if command -v promtool >/dev/null; then
  ln -sf "$(command -v promtool)" "$folder/promtool"
  exit
fi
if ! command -v apt-get >/dev/null; then
  echo "promtool is not on PATH: install Prometheus, which brings it" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# The lists of packages may be missing, or old.
apt-get download -qq prometheus >/dev/null 2>&1 || { apt-get update -qq && apt-get download -qq prometheus >/dev/null; }
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x -C "$target" --strip-components=3 ./usr/bin/promtool
