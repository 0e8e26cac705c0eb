#!/usr/bin/env bash
# Checks docker-compose.yml for real: builds, starts, exports traces, finds them, scales, restarts, removes everything.
#   deploy/check-compose.sh
# Needs: docker with compose 2.24 or newer, curl, and, when the jars are not built yet, a JDK and Maven.
# It runs beside an installation: its project, volumes and ports (CONSOLE_PORT, OTLP_GRPC_PORT, OTLP_HTTP_PORT) are its own. Exit
# code 0 when every step is ok. KEEP=1 leaves the containers up.
set -euo pipefail
cd "$(dirname "$0")/.."

export CONSOLE_PORT=${CONSOLE_PORT:-18480} OTLP_GRPC_PORT=${OTLP_GRPC_PORT:-18417} OTLP_HTTP_PORT=${OTLP_HTTP_PORT:-18418}
# Nobody is paged by a check.
export CHANNELS_FILE=deploy/no-channels.env
WAIT_SECONDS=${WAIT_SECONDS:-300}
console=http://127.0.0.1:$CONSOLE_PORT
output=$(mktemp)
up=no

compose() { docker compose --ansi never --project-name tocsin-check "$@"; }

finish() {
  rc=$?
  trap - EXIT
  if [ "$up" = yes ] && [ "$rc" != 0 ]; then
    compose ps --all || true
    compose logs --no-color --tail 20 || true
  fi
  if [ "$up" = yes ] && [ "${KEEP:-0}" != 1 ]; then
    compose down --volumes --timeout 40 >/dev/null 2>&1 || true
  fi
  rm -f "$output"
  exit "$rc"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a command and says how it went; its output is shown when it failed.
step() {
  local name=$1 start=$SECONDS
  shift
  printf '%-64s' "$name"
  if "$@" >"$output" 2>&1; then
    printf ' ok      %3d s\n' "$((SECONDS - start))"
  else
    printf ' FAILED  %3d s\n' "$((SECONDS - start))"
    cat "$output"
    exit 1
  fi
}

# Tries a command every second until it succeeds; gives up after a minute.
await() {
  local end=$((SECONDS + 60))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}

tools_are_there() {
  local tool version
  for tool in docker curl; do
    command -v "$tool" || { echo "no $tool found"; return 1; }
  done
  docker version --format '{{.Server.Version}}' || { echo "no Docker engine answers"; return 1; }
  version=$(docker compose version --short) || { echo "no docker compose (expected: 2.24 or newer)"; return 1; }
  version=${version#v}
  [ "$(printf '%s\n' 2.24 "$version" | sort -V | head -n 1)" = 2.24 ] || { echo "docker compose $version (expected: 2.24 or newer)"; return 1; }
}

jars_are_built() {
  local built=app/target/check-compose-built newer
  if [ -e "$built" ]; then
    newer=$(find pom.xml ./*/pom.xml ./*/src/main -newer "$built" 2>/dev/null | head -n 1)
    [ -n "$newer" ] || return 0
    echo "newer than the jars: $newer"
  fi
  # What is edited while Maven runs counts as newer.
  mkdir -p app/target
  touch "$built-begun"
  mvn -B -q -pl app -am -Dmaven.test.skip=true package && mv "$built-begun" "$built"
}

hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# An OTLP/JSON request with one span of this trace.
request() {
  local now
  now=$(date +%s)
  printf '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"check-compose"}}]},"scopeSpans":[{"spans":[{"traceId":"%s","spanId":"%s","name":"check","kind":2,"startTimeUnixNano":"%s000000000","endTimeUnixNano":"%s100000000"}]}]}]}' \
    "$1" "$(hex 8)" "$now" "$now"
}

export_from_host() {
  curl --silent --show-error --fail-with-body --max-time 20 --header 'content-type: application/json' \
    --data "$(request "$1")" "http://127.0.0.1:$OTLP_HTTP_PORT/v1/traces"
}

# Posts inside the container: instances of a scaled service have no port of the host.
# shellcheck disable=SC2016 # expanded by the container's bash
export_in_container() {
  compose exec -T --index "$1" ingest-service bash -c '
    set -eu
    exec 3<>/dev/tcp/127.0.0.1/4318
    printf "POST /v1/traces HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" "${#1}" "$1" >&3
    read -r version status _ <&3
    echo "$version $status"
    [ "$status" = 200 ]' post "$(request "$2")"
}

# The trace has come through Kafka into Postgres: asked at the console, which passes the question to storage-service.
has_trace() {
  local answer
  answer=$(curl --silent --show-error --fail --max-time 20 "$console/api/v1/traces/$1") || return 1
  [ "$(grep -o '"spanId"' <<<"$answer" | wc -l)" -eq 1 ] || { echo "$answer (expected: one span)"; return 1; }
}

is_well() {
  compose exec -T "$1" /opt/tocsin/bin/get "$2" /health && compose exec -T "$1" /opt/tocsin/bin/get "$2" /ready
}

console_sees_services() {
  local status
  status=$(curl --silent --show-error --fail --max-time 20 "$console/api/status") || return 1
  echo "$status"
  ! grep -q '"problem"' <<<"$status"
}

start() { compose up --detach --wait --wait-timeout "$WAIT_SECONDS" "$@"; }

instances() { [ "$(compose ps --quiet --status running "$1" | wc -l)" -eq "$2" ]; }

step 'docker, docker compose and curl are there' tools_are_there
step 'the jars are built' jars_are_built
up=yes
step 'nothing is left of an earlier check' compose down --volumes --timeout 40
step 'the image is built' compose build
step 'everything starts and is ready' start --build
for service in ingest-service:8081 ingest-local:8081 storage-service:8082 alert-service:8083 incident-service:8084 console:8080; do
  step "  ${service%:*} answers /health and /ready" is_well "${service%:*}" "${service#*:}"
done
step 'the console sees all services' await console_sees_services

first=$(hex 16)
step 'a trace is exported from the host (OTLP/HTTP, JSON)' export_from_host "$first"
step '  and found by its id' await has_trace "$first"

step 'ingest-service scales to 2' start --scale ingest-service=2
step '  and has 2 instances' instances ingest-service 2
for index in 1 2; do
  trace=$(hex 16)
  step "a trace is exported through instance $index" export_in_container "$index" "$trace"
  step '  and found by its id' await has_trace "$trace"
done

step 'all containers are removed, volumes stay' compose down --timeout 40
step 'everything starts again' start
step '  and the first trace is still there' await has_trace "$first"
last=$(hex 16)
step 'a trace is exported from the host' export_from_host "$last"
step '  and found by its id' await has_trace "$last"

if [ "${KEEP:-0}" = 1 ]; then
  echo "kept: $console (docker compose --project-name tocsin-check down --volumes)"
else
  step 'everything is removed' compose down --volumes --timeout 40
  up=no
fi
