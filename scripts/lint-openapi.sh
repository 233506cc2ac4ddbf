#!/bin/sh
# Lints the OpenAPI document of a running server (or of a file) with Redocly and with Spectral and OWASP's rules.
# The linters are large and not needed to build or test, so they live outside of the project, at pinned versions.
set -eu
cd "$(dirname "$0")/.."
source=${1:-http://localhost:8000/openapi.json}
tools=${LINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/quits-lint}

mkdir -p "$tools"
npm install --prefix "$tools" --no-audit --no-fund --loglevel=error \
  @redocly/cli@2.77.0 @stoplight/spectral-cli@6.16.3 @stoplight/spectral-owasp-ruleset@2.0.1

cp redocly.yaml .spectral.yaml "$tools"
case $source in
  http*) curl -fsS "$source" -o "$tools/openapi.json" ;;
  *) cp "$source" "$tools/openapi.json" ;;
esac

cd "$tools"
status=0
REDOCLY_TELEMETRY=off node_modules/.bin/redocly lint openapi.json || status=1
node_modules/.bin/spectral lint -r .spectral.yaml --fail-severity=warn openapi.json || status=1
exit $status
