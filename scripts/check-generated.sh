#!/usr/bin/env bash
# Fails when generated files are not what their sources give. Compares content, so it works in a dirty tree and without git.
set -euo pipefail
cd "$(dirname "$0")/.."

fingerprint() { find packages/*/src/gen docs/reference deploy/grafana/dashboards deploy/prometheus -type f -print0 | sort -z | xargs -0 sha256sum; }

before=$(fingerprint)
make --no-print-directory gen >/dev/null
after=$(fingerprint)
if [ "$before" != "$after" ]; then
  echo "Generated files were stale and have been made anew: review and commit them." >&2
  diff <(echo "$before") <(echo "$after") | awk '/^[<>]/ {print $3}' | sort -u >&2
  exit 1
fi
