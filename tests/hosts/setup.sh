#!/usr/bin/env bash
# Installs the languages' ordinary SQLite clients; does nothing where they are.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
packages=(python3 php-cli php-sqlite3 ruby ruby-sqlite3 libdbd-sqlite3-perl tcl libsqlite3-tcl r-base-core r-cran-rsqlite
	libxerial-sqlite-jdbc-java gcc libsqlite3-dev libc6-dev)
command -v java >/dev/null || packages+=(default-jdk-headless)
command -v npm >/dev/null || packages+=(nodejs npm g++ make)
missing=()
for package in "${packages[@]}"; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
	echo "tests/hosts/setup.sh: installing ${missing[*]}"
	root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
	root apt-get update -q >/dev/null
	root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ ! -e node/node_modules/better-sqlite3/build/Release/better_sqlite3.node ]; then
	echo "tests/hosts/setup.sh: building better-sqlite3"
	headers=
	[ ! -d /usr/include/node ] || headers=/usr
	(cd node && npm_config_nodedir=$headers npm install --silent --no-audit --no-fund --no-package-lock)
fi
