#!/usr/bin/env bash
# Three nodes on loopback, a few thousand documents, a leader that is killed, and
# a fresh fourth node that catches up by a snapshot: make cluster.
#
#     PORT=8001    the first of the ports that are used: PORT to PORT+3 for
#                  clients, PORT+1000 to PORT+1003 between the nodes
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
node=${NODE:-$root/.tools/raft}
vectorlite=${VECTORLITE:-$root/.tools/vectorlite.so}
port=${PORT:-8001}
dir=$(mktemp -d)
declare -A pid
trap 'kill -9 "${pid[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT

say() { printf '\n== %s\n' "$*"; }
http() { echo "127.0.0.1:$((port + $1 - 1))"; }
status() { curl -sf "http://$(http "$1")/status?digest=1"; }

start() { # NUMBER FLAGS...
	local n=$1
	shift
	"$node" -dir "$dir/$n" -vectorlite "$vectorlite" -http "$(http "$n")" -raft "127.0.0.1:$((port + 1000 + n - 1))" \
		-snapshot-every 1s -snapshot-after 50 -trailing 20 "$@" 2>"$dir/$n.log" &
	pid[$n]=$!
	disown
}

# wait_for WHAT COMMAND... repeats the command until it succeeds, for a minute.
wait_for() {
	local what=$1
	shift
	for _ in $(seq 600); do
		if "$@"; then return; fi
		sleep 0.1
	done
	echo "waited a minute for $what; the nodes' last words:" >&2
	tail -n 5 "$dir"/*.log >&2
	exit 1
}

leader() { # NUMBER... prints the number of the node that leads
	local n
	for n in "$@"; do
		if [ "$(status "$n" | jq -r .state)" = Leader ]; then echo "$n" && return; fi
	done
	return 1
}
has_leader() { leader "$@" >/dev/null; }

# load FROM TO puts documents, 50 in an entry, through the first node that is
# named; a follower passes clients on to the leader.
load() { # NUMBER FROM TO
	local from
	for from in $(seq "$2" 50 "$3"); do
		sqlite3 :memory: "SELECT json_group_array(json_object('id', id, 'text', 'document ' || id, 'vector', (
				SELECT json_group_array(round(sin(id * n.value * n.value), 6)) FROM generate_series(1, 8) n)))
			FROM (SELECT value AS id FROM generate_series($from, $from + 49))" |
			curl -sfL -X PUT --data-binary @- "http://$(http "$1")/docs" >/dev/null
	done
}

snapshot() { # NUMBER
	curl -sS --fail-with-body -X POST "http://$(http "$1")/snapshot" -o "$dir/snapshot.tar" || { cat "$dir/snapshot.tar" && exit 1; }
}

table() { # NUMBER...
	local n
	for n in "$@"; do status "$n"; done |
		jq -r '[.node, .state, "applied \(.applied)", "snapshot \(.last_snapshot)", "\(.documents) documents", .digest[:12]] | @tsv' | column -t -s $'\t'
}

equal() { # NUMBER... whether all nodes answer, and have the same content
	[ "$(for n in "$@"; do status "$n" | jq -r .digest; done | sort | uniq -c | awk '{ print $1 }')" = $# ]
}

neighbours() { # NUMBER
	curl -sfG "http://$(http "$1")/search" --data-urlencode 'vector=[0.1,-0.2,0.3,-0.4,0.5,-0.6,0.7,-0.8]' -d k=5 |
		jq -r '.[] | "\(.text)  \(.distance)"'
}

say "1. three nodes, and 2,000 documents with vectors"
start 1 -bootstrap
wait_for "a leader" has_leader 1
start 2 -join "$(http 1)"
start 3 -join "$(http 1)"
wait_for "node 2" status 2 >/dev/null
wait_for "node 3" status 3 >/dev/null
load 1 1 2000
wait_for "three equal nodes" equal 1 2 3
table 1 2 3

say "2. kill -9 of the leader, and 3,000 documents more"
first=$(leader 1 2 3)
kill -9 "${pid[$first]}"
rest=$(for n in 1 2 3; do [ "$n" = "$first" ] || echo "$n"; done)
# shellcheck disable=SC2086 # two numbers
wait_for "a new leader" has_leader $rest
# shellcheck disable=SC2086
second=$(leader $rest)
echo "node $first is dead, node $second leads"
load "$second" 2001 5000
snapshot "$second" # after it, the log of the leader begins 20 entries back

say "3. a fresh fourth node: the log no longer has the first entries, so the leader sends a snapshot"
start 4 -join "$(http "$second")"
wait_for "node 4" status 4 >/dev/null
# shellcheck disable=SC2086
wait_for "equal nodes" equal $rest 4
grep -oE 'Installed remote snapshot|msg="restore: (staged|checked|done).*' "$dir/4.log"

say "4. the killed node comes back"
start "$first"
wait_for "node $first" status "$first" >/dev/null
wait_for "four equal nodes" equal 1 2 3 4
table 1 2 3 4

say "5. the same nearest neighbours on every node"
for n in 1 2 3 4; do
	neighbours "$n" >"$dir/$n.found"
	cmp "$dir/1.found" "$dir/$n.found"
done
cat "$dir/1.found"

say "6. a snapshot is a tar stream"
snapshot "$second"
cd "$dir"
tar tf snapshot.tar && mkdir x && tar xf snapshot.tar -C x
chunk=$(jq .chunk_size x/metadata.json)
jq -r '.files[] | "\(.checksum) \(.file_name)"' x/END | while read -r checksum file; do
	echo "$checksum  $file, says END"
	[ "$(split -b "$chunk" --filter=sha256sum "x/$file" | cut -c 1-64 | xxd -r -p | sha256sum | cut -c 1-64)" = "$checksum" ]
done
echo
echo "four nodes, equal answers"
