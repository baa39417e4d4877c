# Backs up a live database, with its index files, into a file; checks the
# backup, restores it, and shows what an error looks like.
#
#     tclsh backup.tcl VXSNAP LIVE.DB DIRECTORY
package require sqlite3

set columns "seq, file_name, offset, data, is_last, metadata_json"

proc connect {name path vxsnap} {
    sqlite3 $name $path
    $name enable_load_extension 1
    $name eval {SELECT load_extension($vxsnap)}
}

# Stores a snapshot of the connection live in a new database at path.
proc backup {live path} {
    sqlite3 target $path
    target eval {CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)}
    set done 0
    set total 0
    target transaction {
        # typeof tells NULL from the empty string, which Tcl cannot.
        $live eval {
            SELECT seq, file_name, offset, data, is_last, metadata_json, length(data) AS size,
                   json_extract(metadata_json, '$.total_size') AS all_bytes, file_name IS NULL AS no_file
            FROM vx_snapshot_chunks(65536)
        } row {
            if {$row(seq) == 0} {
                set total $row(all_bytes)
                target eval {INSERT INTO snap VALUES ($row(seq), NULL, NULL, NULL, $row(is_last), $row(metadata_json))}
            } elseif {$row(no_file)} {
                target eval {INSERT INTO snap VALUES ($row(seq), NULL, NULL, NULL, $row(is_last), NULL)}
            } else {
                target eval {INSERT INTO snap VALUES ($row(seq), $row(file_name), $row(offset), @row(data), $row(is_last), NULL)}
                incr done $row(size)
            }
            puts -nonewline stderr "\r$done of $total bytes"
        }
    }
    puts stderr ""
    target close
    return $total
}

proc expect {condition what} {
    if {![uplevel 1 [list expr $condition]]} {
        puts stderr $what
        exit 1
    }
}

lassign $argv vxsnap database directory
set start [clock milliseconds]
connect live $database $vxsnap
set size [backup live $directory/backup.db]

connect store $directory/backup.db $vxsnap
proc verify {} { global columns; return [store onecolumn "SELECT vx_snapshot_verify($columns) FROM snap"] }
proc restore {to} { global columns; store onecolumn "SELECT vx_snapshot_restore(\$to, $columns) FROM snap" }
expect {[verify] eq "ok"} verify
restore $directory/restored

# Damage is text for verify, and an error for restore.
store eval {UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 2}
set verdict [verify]
expect {[string match "database.db: checksum mismatch: *" $verdict]} $verdict
catch {restore $directory/damaged} message
expect {$message eq "vx_snapshot_restore: $verdict"} $message
catch {live eval {SELECT * FROM vx_snapshot_chunks('abc')}} message
expect {$message eq "vx_snapshot_chunks: chunk_size must be an integer from 1 to 268435456, got 'abc'"} $message
puts [format "done, %d bytes, %.2f s" $size [expr {([clock milliseconds] - $start) / 1000.0}]]
