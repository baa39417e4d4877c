#!/usr/bin/env bash
# Installs the languages' ordinary SQLite clients; does nothing where they are.
#
#     tests/hosts/setup.sh [node]   with node, that of Node.js alone
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
packages=(python3 php-cli php-sqlite3 ruby ruby-sqlite3 libdbd-sqlite3-perl tcl libsqlite3-tcl tcl-thread r-base-core r-cran-rsqlite
	libxerial-sqlite-jdbc-java sqlite3 zstd gcc g++ make libsqlite3-dev libc6-dev)
# A runtime alone does not run Backup.java from its source.
command -v javac >/dev/null || packages+=(default-jdk-headless)
[ "${1:-}" != node ] || packages=(python3 gcc g++ make libc6-dev) # node-gyp is in Python
command -v npm >/dev/null || packages+=(nodejs npm)
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
# Opening a database tells whether the addon fits the node that is here now.
if ! (cd node && node -e 'new (require("better-sqlite3"))(":memory:")') 2>/dev/null; then
	echo "tests/hosts/setup.sh: building better-sqlite3"
	rm -rf node/node_modules
	# Debian's and NodeSource's packages bring the headers; elsewhere node-gyp fetches them.
	[ ! -d /usr/include/node ] || export npm_config_nodedir=/usr
	(cd node && npm install --build-from-source --silent --no-audit --no-fund --no-package-lock)
fi
