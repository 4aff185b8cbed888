#!/usr/bin/env bash
# Build both images, and print how large they are and how long a container takes to start: `make images`.
#
# IMAGES names them (inkstream), TAG tags them (dev). BASE and CADDY replace the bases; AUTHORITIES names a file with the
# authorities that sign the way to the package registries, where these are not the usual ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! docker info >/dev/null 2>&1; then
  echo "No Docker engine answers: start one, then run this again." >&2
  exit 1
fi
images=${IMAGES:-inkstream}
tag=${TAG:-dev}
options=(
  --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
  --build-arg "CREATED=$(git log -1 --format=%cI 2>/dev/null || echo unknown)"
)
for name in BASE CADDY; do
  if [ -n "${!name:-}" ]; then options+=(--build-arg "$name=${!name}"); fi
done
if [ -n "${AUTHORITIES:-}" ]; then options+=(--secret "id=authorities,src=$AUTHORITIES"); fi

for target in services web; do
  DOCKER_BUILDKIT=1 docker build --quiet --file dev/docker/Dockerfile --target "$target" --tag "$images/$target:$tag" "${options[@]}" . >/dev/null
done

# As a cluster runs them: no rights, nothing to write to.
run=(docker run --rm --read-only --cap-drop ALL --security-opt no-new-privileges)
started() {
  local begun
  begun=$(date +%s%N)
  "${run[@]}" "$@" >/dev/null
  echo "$((($(date +%s%N) - begun) / 1000000)) ms"
}
size() { docker image inspect --format '{{.Size}}' "$1" | awk '{printf "%.0f MB", $1 / 1e6}'; }
printf '%-28s %8s  started and ended in %s\n' "$images/services:$tag" "$(size "$images/services:$tag")" "$(started "$images/services:$tag" inkctl --help)"
printf '%-28s %8s  started and ended in %s\n' "$images/web:$tag" "$(size "$images/web:$tag")" "$(started "$images/web:$tag" version)"
