#!/bin/sh
# An administrator: cron saves the database of an application that runs, with its vectors,
# and verifies the file. Then rows are deleted that were wanted. The application is
# stopped, and the backup restored over its database.
#
# Runs in a new folder with vxsnap.so and vectorlite.so; vxsnap is in the PATH.
set -eu
fail() { echo "cron.sh: $*" >&2; exit 1; }

# The application is a shell of sqlite3, which gets requests and gives answers.
mkfifo requests answers
start() {
	sqlite3 -bail app.db <requests >answers &
	exec 3>requests 4<answers
	ask "$(printf '%s\n' '.load ./vectorlite' '.load ./vxsnap')"
}
ask() {
	printf '%s\n.print done\n' "$1" >&3
	while read -r line <&4 || fail "the application ended at: $1"; do
		[ "$line" != done ] || return 0
		echo "$line"
	done
}
stop() { exec 3>&- 4<&-; wait $!; }
nearest="SELECT title FROM docs_vec JOIN docs ON id = docs_vec.rowid WHERE knn_search(v, knn_param(vector_from_json('[1, 0]'), 1));"

sqlite3 app.db 'PRAGMA journal_mode = WAL' >mode
start
ask "CREATE TABLE docs(id INTEGER PRIMARY KEY, title TEXT); INSERT INTO docs VALUES (1, 'tea'), (2, 'coffee');
	CREATE VIRTUAL TABLE docs_vec USING vectorlite(v float32[2], hnsw(max_elements=100), '$PWD/docs.idx');
	INSERT INTO docs_vec(rowid, v) VALUES (1, vector_from_json('[1, 0]')), (2, vector_from_json('[0, 1]'));"
[ "$(ask 'SELECT vx_snapshot_flush();')" = 1 ] || fail 'the vectors were not written'
echo 'the application runs, and has written its vectors'

# What cron takes, and then does with the line: in its own environment, \% is a %, and
# what is printed would be mailed.
cat >crontab <<'CRON'
PATH=/usr/local/bin:/usr/bin:/bin
15 3 * * * cd /srv/app && f=backup-$(date +\%F).tar.zst && vxsnap save app.db $f --index-files disk --quiet && vxsnap verify $f --quiet
CRON
case $(sed 's/\\%//g' crontab) in *%*) fail 'cron ends the line at its %' ;; esac
line=$(sed -n "s|^15 3 \* \* \* ||; s|/srv/app|'$PWD'|; s|\\\\%|%|g; \$p" crontab)
mailed=$(env -i HOME=/ PATH="$(dirname "$(command -v vxsnap)"):/usr/bin:/bin" /bin/sh -c "$line" 2>&1) || fail "cron: $mailed"
[ -z "$mailed" ] || fail "cron mails: $mailed"
backup=$(ls backup-*.tar.zst)
echo "cron made $backup, and mailed nothing"

ask 'DELETE FROM docs; DELETE FROM docs_vec WHERE rowid = 1;'
[ -z "$(ask "$nearest")" ] || fail 'nothing was deleted'
code=0
said=$(vxsnap restore "$backup" --over app.db 2>&1) || code=$?
case "$code $said" in 1*sqlite3*'app.db'*) ;; *) fail "beside the application: exit code $code: $said" ;; esac
[ "$(ask 'SELECT count(*) FROM docs;')" = 0 ] || fail 'a restore that was refused has changed the database'
echo "while the application runs: $said"

stop
vxsnap restore "$backup" --over app.db --quiet
start
[ "$(ask "$nearest")" = tea ] || fail 'the restored application does not find what it found'
[ "$(ask "SELECT path = '$PWD/docs.idx' FROM vx_snapshot_files WHERE file_type = 'hnsw_index';")" = 1 ] || fail 'the index file has another name'
stop
[ "$(sqlite3 app.db.before-*/app.db 'SELECT count(*) FROM docs')" = 0 ] || fail 'the database of before is not there'
echo "restored over app.db, which finds tea again; $(echo app.db.before-*) has the one of before"
echo ok
