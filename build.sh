#!/usr/bin/env bash
# Entry point on Linux and macOS: finds or installs what a task needs, then runs build.ps1.
# Without PowerShell it says so and does what it can: build, demo, test and bench of
# everything except the module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

usage() {
  cat <<'TXT'
usage: ./build.sh [build|demo|test|bench|soak|package] [arguments]

  build     the module in output/StreamingPg/<version>, the command line in output/cli (default)
  demo      on a temporary PostgreSQL server: schema, one batch, integrity and growth
  test      unit, integration and Pester tests; --postgres FOLDER uses the server programs (initdb, postgres) in it,
            such as $(tools/get-postgres.sh 17)
  bench     benchmarks; arguments are passed to bench/StreamingPg.Bench
  soak      three writers, while they and the server are killed: soak --minutes 20
  package   module, .NET tool, SBOMs and checksums in output/packages

STREAMINGPG_NO_POWERSHELL=1 skips PowerShell even if it is installed.
TXT
}

say() { printf '%s\n' "$*"; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

need_dotnet() {
  command -v dotnet >/dev/null ||
    fail "the .NET SDK 10 is not installed: https://dotnet.microsoft.com/download (or your system's package dotnet-sdk-10.0)"
}

# --- PostgreSQL -------------------------------------------------------------------------------------------------

server_programs() {
  [[ -z ${STREAMINGPG_SERVER_PROGRAMS:-} ]] || return 0
  command -v initdb >/dev/null && command -v postgres >/dev/null && return
  local folder
  for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin \
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
    /Applications/Postgres.app/Contents/Versions/*/bin; do
    [[ -x $folder/initdb && -x $folder/postgres ]] && return 0
  done
  return 1
}

# Installs PostgreSQL where that is allowed without asking; otherwise says why not.
install_postgres() {
  local root=()
  command -v apt-get >/dev/null ||
    { say "No PostgreSQL server programs (initdb, postgres) found, and there is no apt-get to install them."; return 1; }
  if [[ $EUID -ne 0 ]]; then
    sudo -n true 2>/dev/null ||
      { say "No PostgreSQL server programs found. To install them: sudo apt-get install postgresql"; return 1; }
    root=(sudo -n)
  fi
  say "Installing PostgreSQL with apt-get (once)."
  mkdir -p output
  if ! { "${root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -q; apt-get install -q -y --no-install-recommends postgresql' </dev/null; } >output/apt.log 2>&1; then
    tail -n 5 output/apt.log >&2
    say "apt-get could not install postgresql; its output is in output/apt.log"
    return 1
  fi
  server_programs || { say "apt-get installed postgresql, but initdb is not in any of the usual folders."; return 1; }
}

need_postgres() {
  server_programs || install_postgres || fail "PostgreSQL 14 or later is needed: install it with your system's package manager"
}

# The demo can do without: its server start downloads the programs.
want_postgres() {
  server_programs || install_postgres || say "The demo downloads them into your data folder (once)."
}

# --- Chromium ---------------------------------------------------------------------------------------------------

# Report pages are tested in Chromium. Without it, the tests say so.
want_chromium() {
  local name root=()
  for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
    command -v "$name" >/dev/null && return
  done
  command -v apt-get >/dev/null || return 0
  if [[ $EUID -ne 0 ]]; then
    sudo -n true 2>/dev/null || { say "There is no Chromium, so report pages are not tested. To install it: sudo apt-get install chromium"; return; }
    root=(sudo -n)
  fi
  say "Installing Chromium with apt-get (once)."
  mkdir -p output
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -q; apt-get install -q -y --no-install-recommends chromium' </dev/null >output/apt-chromium.log 2>&1 ||
    say "apt-get could not install Chromium (output/apt-chromium.log), so report pages are not tested."
}

# --- promtool -----------------------------------------------------------------------------------------------------

# The alert rules are checked by promtool. Debian has it in the package prometheus, a daemon with a service: the one program is
# taken out of it into output/tools, and nothing is installed. Without it the tests say that the rules were not checked.
want_promtool() {
  local tools=$PWD/output/tools folder package
  command -v promtool >/dev/null || [[ -x $tools/promtool ]] && return
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 0
  folder=$(mktemp -d)
  if (cd "$folder" && { apt-get download -q prometheus || { apt-get update -q && apt-get download -q prometheus; }; }) >/dev/null 2>&1 </dev/null; then
    package=("$folder"/prometheus_*.deb)
    mkdir -p "$tools"
    dpkg-deb --fsys-tarfile "${package[0]}" | tar -x -C "$folder" ./usr/bin/promtool && mv "$folder/usr/bin/promtool" "$tools/"
    say "Extracted promtool from Debian's package prometheus into output/tools (once)."
  else
    say "There is no promtool and apt-get cannot download prometheus, so the alert rules are not tested."
  fi
  rm -rf "$folder"
}

# --- PowerShell -------------------------------------------------------------------------------------------------

powershell=()

is_recent() {
  "$@" -NoProfile -NonInteractive -Command 'exit [int]($PSVersionTable.PSVersion -lt [version]"7.4")' >/dev/null 2>&1 </dev/null
}

# Sets $powershell to the command that runs PowerShell 7.4 or later, or fails with the reason said.
find_powershell() {
  if [[ -n ${STREAMINGPG_NO_POWERSHELL:-} ]]; then
    say "Continuing without PowerShell, because STREAMINGPG_NO_POWERSHELL is set."
    return 1
  fi
  if command -v pwsh >/dev/null && is_recent pwsh; then
    powershell=(pwsh)
    return
  fi

  local tool=(dotnet tool run pwsh --) log=output/powershell-restore.log
  if ! is_recent "${tool[@]}"; then
    say "Restoring PowerShell as a .NET tool (once)."
    mkdir -p output
    if ! dotnet tool restore >"$log" 2>&1 </dev/null || ! is_recent "${tool[@]}"; then
      tail -n 3 "$log" >&2
      say "PowerShell 7.4 or later is not on PATH, and 'dotnet tool restore' could not restore it (its output: $log). Continuing without it."
      return 1
    fi
  fi
  powershell=("${tool[@]}")
}

# --- Without PowerShell -----------------------------------------------------------------------------------------

publish_command_line() {
  local stamp=output/cli/.built
  if [[ -e $stamp ]] && [[ -z $(find src Directory.*.props global.json \( -name bin -o -name obj \) -prune -o -newer "$stamp" -print -quit) ]]; then
    return
  fi
  say "Building the command line."
  local publish=(dotnet publish src/StreamingPg.Cli --configuration Release --output output/cli --verbosity quiet
    --artifacts-path output/artifacts -p:GenerateDocumentationFile=false -p:RunAnalyzers=false)
  if ! "${publish[@]}" --use-current-runtime --self-contained false -p:PublishReadyToRun=true >/dev/null 2>&1; then
    say "The ahead-of-time compiler is not available here; building without it."
    "${publish[@]}"
  fi
  touch "$stamp"
}

# The README's first screen through the command line, on a server of its own that nothing of the user's can redirect.
demo_without_powershell() {
  publish_command_line
  local variable arguments
  streamingpg=$PWD/output/cli/streamingpg
  folder=$(mktemp -d "${TMPDIR:-/tmp}/streamingpg-demo-XXXXXX")
  chmod 755 "$folder"
  for variable in ${!POSTGRES_*} ${!PG*}; do unset "$variable"; done
  export STREAMINGPG_SERVER_PATH=$folder/server
  cd "$folder"
  trap '"$streamingpg" server stop >/dev/null; rm -rf "$folder"' EXIT
  for arguments in "server start --download" "init" "batch" "check" "growth"; do
    printf '\n$ streamingpg %s\n' "$arguments"
    # shellcheck disable=SC2086 # words on purpose
    "$streamingpg" $arguments
  done
  say "
This server is stopped and deleted now. For one that stays: output/cli/streamingpg server start"
}

# Prints the counters of a .trx file: passed failed skipped.
trx_counts() {
  sed -n 's/.*<Counters total="\([0-9]*\)" executed="\([0-9]*\)" passed="\([0-9]*\)".*/\1 \2 \3/p' "$1" |
    awk '{ print $3, $2 - $3, $1 - $2 }'
}

test_without_powershell() {
  local results=$PWD/output/test-results passed=0 failed=0 skipped=0 status=0 project counts
  rm -rf "$results"
  dotnet build StreamingPg.sln --configuration Release --verbosity quiet -consoleLoggerParameters:NoSummary
  for project in Unit Integration; do
    say "== $project tests"
    dotnet test "tests/$project" --configuration Release --no-build --results-directory "$results" \
      --logger "trx;LogFileName=$project.trx" || status=1
    [[ -e $results/$project.trx ]] || fail "the $project tests left no result"
    read -r -a counts <<<"$(trx_counts "$results/$project.trx")"
    passed=$((passed + counts[0])) failed=$((failed + counts[1])) skipped=$((skipped + counts[2]))
  done
  say "== Pester tests"
  counts=(tests/Pester/*.Tests.ps1)
  skipped=$((skipped + ${#counts[@]}))
  say "NOT RUN: there is no PowerShell, so no cmdlet was tested. Each of the ${#counts[@]} files of Pester tests counts as one skipped."
  say "coverage of StreamingPg.Core: NOT MEASURED without PowerShell"
  say "tests: $passed passed, $failed failed, $skipped skipped"
  return $status
}

# ----------------------------------------------------------------------------------------------------------------

task=${1:-build}
[[ $# -eq 0 ]] || shift

# The tests, and every server that they start, find the programs by this variable.
if [[ $task == test && $# -gt 0 ]]; then
  [[ $1 == --postgres && $# -eq 2 ]] || { usage >&2; exit 2; }
  [[ -x $2/initdb && -x $2/postgres ]] || fail "$2 does not hold PostgreSQL's server programs (initdb, postgres)"
  STREAMINGPG_SERVER_PROGRAMS=$(cd "$2" && pwd)
  export STREAMINGPG_SERVER_PROGRAMS
  shift 2
fi
case $task in
  build | package) need_dotnet ;;
  demo) need_dotnet; want_postgres ;;
  test | bench | soak) need_dotnet; need_postgres ;;
  -h | --help | help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

if [[ $task == test ]]; then
  want_promtool
  want_chromium
fi

# Command line and server only: there is nothing for PowerShell to do.
if [[ $task == soak ]]; then
  exec dotnet run --project tests/Soak --configuration Release -- "$@"
fi
if find_powershell; then
  exec "${powershell[@]}" -NoProfile -NonInteractive -File build.ps1 -Task "$task" "$@"
fi
case $task in
  build) publish_command_line; say "Built output/cli. The module needs PowerShell and was not built." ;;
  demo) demo_without_powershell ;;
  test) test_without_powershell ;;
  bench) publish_command_line; exec dotnet run --project bench/StreamingPg.Bench --configuration Release -- "$@" ;;
  package) fail "the module is packed by PowerShell, and there is none" ;;
esac
