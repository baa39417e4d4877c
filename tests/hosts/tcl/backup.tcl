# Backs up a live database, with its index files, in three ways: into a file, into
# a table of another database, and as a stream; checks, restores and searches the
# backups, and shows what an error looks like.
#
#     tclsh backup.tcl VXSNAP VECTORLITE LIVE.DB DIRECTORY
package require sqlite3
package require Thread

set columns "seq, file_name, offset, data, is_last, metadata_json"

# -create 0: a path that is mistyped is an error, not a new database.
proc connect {name path args} {
    sqlite3 $name $path -create 0
    $name enable_load_extension 1
    foreach extension $args {
        $name eval {SELECT load_extension($extension)}
    }
}

# Saves a snapshot of the connection live in a new file: NAME.tar, or compressed as
# NAME.tar.zst. Returns JSON.
proc save {live path} {
    $live onecolumn {SELECT vx_snapshot_save($path)}
}

# Says "ok", or the first thing that is wrong with a saved file.
proc verify {db path} {
    global columns
    $db onecolumn "SELECT vx_snapshot_verify($columns) FROM vx_snapshot_read(\$path)"
}

# Restores a saved file into a new directory. Returns JSON.
proc restore {db path directory} {
    global columns
    $db onecolumn "SELECT vx_snapshot_restore(\$directory, $columns) FROM vx_snapshot_read(\$path)"
}

# Stores the rows of a snapshot of the connection live in a new database at path;
# returns the snapshot's size in bytes. At each tenth of them the command progress is
# called with the bytes so far and in all.
proc store_rows {live path progress} {
    sqlite3 target $path
    target eval {CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)}
    set done 0
    set total 0
    target transaction {
        # IS NULL tells NULL from the empty string, which Tcl cannot.
        $live eval {
            SELECT seq, file_name, offset, data, is_last, metadata_json, coalesce(length(data), 0) AS size,
                   json_extract(metadata_json, '$.total_size') AS all_bytes, file_name IS NULL AS no_file
            FROM vx_snapshot_chunks(65536)
        } row {
            if {$row(no_file)} {
                target eval {INSERT INTO snap VALUES ($row(seq), NULL, NULL, NULL, $row(is_last), $row(metadata_json))}
            } else {
                target eval {INSERT INTO snap VALUES ($row(seq), $row(file_name), $row(offset), @row(data), $row(is_last), NULL)}
            }
            if {$row(seq) == 0} { set total $row(all_bytes) } ;# the metadata row, the first
            set before $done
            incr done $row(size)
            if {$done > $before && 10 * $done / $total > 10 * $before / $total} {
                {*}$progress $done $total
            }
        }
    }
    target close
    return $total
}

# Writes a snapshot of the connection live to a channel, as the bytes of a tar file,
# 64 KiB at a time.
proc stream {live channel} {
    chan configure $channel -translation binary
    $live eval {SELECT data FROM vx_snapshot_tar(65536)} {
        puts -nonewline $channel $data
    }
}

proc percent {done total} {
    puts -nonewline stderr "\r[expr {100 * $done / $total}] %"
}

proc nearest {db} {
    $db eval {SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))}
}

proc expect {condition what} {
    if {![uplevel 1 [list expr $condition]]} {
        puts stderr $what
        exit 1
    }
}

lassign $argv vxsnap vectorlite database directory
set start [clock milliseconds]
connect live $database $vxsnap $vectorlite

# A new vector is in the memory of its connection until that flushes, which it
# refuses to do beside a statement on the table. Tcl keeps the last ones.
set vector "\[1, 2, 3, 4, 5, 6, 7, 8\]"
live eval {INSERT INTO docs_vec(rowid, v) VALUES (2001, vector_from_json($vector))}
catch {live onecolumn {SELECT vx_snapshot_flush()}} message
expect {[string match "*the prepared statement 'INSERT INTO docs_vec*" $message]} $message
live cache flush
expect {[live onecolumn {SELECT vx_snapshot_flush()}] == 1} flush

# Into a file.
set file $directory/backup.tar.zst
set saved [save live $file]
expect {[live onecolumn {SELECT json_extract($saved, '$.size')}] == [file size $file]} $saved
expect {[verify live $file] eq "ok"} verify
restore live $file $directory/from-file
catch {save live $file} message
expect {$message eq "vx_snapshot_save: file '$file' exists, and is not replaced; name another, or remove it first"} $message
expect {[live errorcode] == 14} [live errorcode]

# Into a table.
set size [store_rows live $directory/backup.db percent]
puts stderr ""
expect {[live onecolumn {SELECT json_extract($saved, '$.total_size')}] == $size} $size
connect store $directory/backup.db $vxsnap
proc verify_rows {} { global columns; return [store onecolumn "SELECT vx_snapshot_verify($columns) FROM snap"] }
proc restore_rows {to} { global columns; store onecolumn "SELECT vx_snapshot_restore(\$to, $columns) FROM snap" }
expect {[verify_rows] eq "ok"} verify
restore_rows $directory/restored
connect restored $directory/restored/database.db $vectorlite
set found [nearest restored]
expect {[llength $found] == 5 && [lindex $found 0] == 2001 && $found eq [nearest live]} search
restored close

# As a stream, here into a file.
set tar [open $directory/stream.tar w]
stream live $tar
close $tar
expect {[verify live $directory/stream.tar] eq "ok"} stream

# Damage is text for verify, and an error for restore.
store eval {UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536}
set verdict [verify_rows]
expect {[string match "database.db: checksum mismatch: *" $verdict]} $verdict
catch {restore_rows $directory/damaged} message
expect {$message eq "vx_snapshot_restore: $verdict"} $message
catch {live eval {SELECT * FROM vx_snapshot_chunks('abc')}} message
expect {$message eq "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'"} $message

# Four threads, each with a connection of its own. live has flushed, but is still
# open, so that only 'disk' takes the files.
set work {
    package require sqlite3
    connect db $database $vxsnap
    tsv::lappend verdicts all [db onecolumn "SELECT vx_snapshot_verify($columns) FROM vx_snapshot_chunks(4096, 'main', 'disk')"]
    db close
}
set connect [list proc connect [info args connect] [info body connect]]
set names [list lassign [list $database $vxsnap $columns] database vxsnap columns]
foreach i {1 2 3 4} {
    lappend threads [thread::create -joinable "$connect; $names; $work"]
}
foreach thread $threads { thread::join $thread }
expect {[tsv::get verdicts all] eq "ok ok ok ok"} [tsv::get verdicts all]
puts [format "done, %d bytes, %.2f s" $size [expr {([clock milliseconds] - $start) / 1000.0}]]
