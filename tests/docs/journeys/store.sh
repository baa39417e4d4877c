#!/bin/sh
# A platform engineer: a store takes a snapshot every night, keeps those of 7 days and of 4
# weeks, is watched, and has to pass a restore drill. 30 nights go by.
#
# Runs in a new folder; vxsnap is in the PATH.
set -eu
fail() { echo "store.sh: $*" >&2; exit 1; }

# The clock of this journey: night 30 is now, and night n was 30 - n days ago.
now=$(date +%s)
taken() { sqlite3 -bail nights.db "UPDATE snapshot SET created_at = 1000 * ($now - (30 - $1) * 86400) WHERE n = $1"; }

sqlite3 app.db 'CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)' \
	'INSERT INTO t(b) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT randomblob(5000) FROM n'
create=--create
for n in $(seq 30); do
	sqlite3 app.db "UPDATE t SET b = randomblob(5000) WHERE id = $n"
	vxsnap save app.db --store nights.db $create --quiet
	taken $n
	vxsnap prune nights.db --keep-daily 7 --keep-weekly 4 --quiet
	[ $n -gt 1 ] || full=$(stat -c %s nights.db)
	create=
done
size=$(stat -c %s nights.db)
[ "$size" -lt $((2 * full)) ] || fail "30 nights take $size bytes, the first took $full"
echo "30 nights take $size bytes, the first took $full"

# Those of 4 weeks are their last ones: Sundays, but for the week that goes on.
today=$(sqlite3 nights.db "SELECT date(max(created)) FROM night")
wrong=$(sqlite3 nights.db "SELECT date(created) FROM night WHERE date(created) <= date('$today', '-7 days') AND strftime('%w', created) <> '0'")
[ -z "$wrong" ] || fail "kept, but neither of the last 7 days nor of the last of a week: $wrong"
[ "$(sqlite3 nights.db "SELECT count(*) FROM night WHERE date(created) > date('$today', '-7 days')")" = 7 ] || fail 'not all of 7 days are kept'
kept=$(sqlite3 nights.db 'SELECT count(*) FROM night')
case $kept in 9 | 10) ;; *) fail "$kept nights are kept, must be 7 and of those of 4 weeks 2 or 3 more" ;; esac
echo "$kept are kept: those of 7 days, and the last of 4 weeks"

vxsnap list nights.db --newest --max-age 26h --verify
sqlite3 -bail nights.db 'UPDATE snapshot SET created_at = created_at - 2 * 86400000'
code=0
said=$(vxsnap list nights.db --newest --max-age 26h --quiet 2>&1) || code=$?
[ "$code" = 4 ] || fail "two nights without a save: exit code $code: $said"
echo "after two nights without a save: exit code 4: $said"

# The drill: the newest snapshot and the oldest.
vxsnap restore nights.db drill --quiet
cmp app.db drill/database.db
oldest=$(sqlite3 nights.db 'SELECT min(n) FROM night')
vxsnap restore "nights.db@$oldest" oldest --quiet
for directory in drill oldest; do
	checked=$(sqlite3 $directory/database.db 'PRAGMA integrity_check' 'SELECT count(*) FROM t')
	[ "$checked" = "$(printf 'ok\n300')" ] || fail "$directory: $checked"
done
! cmp -s app.db oldest/database.db || fail 'the oldest night is the newest'
echo "a drill of the newest and of night $oldest: integrity_check is ok, and no row is missing"
echo ok
