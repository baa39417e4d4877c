# Backs up a live database, with its index files, in three ways: into a file, into
# a table of another database, and as a stream; checks, restores and searches the
# backups, and shows what an error looks like.
#
#     Rscript backup.R VXSNAP VECTORLITE LIVE.DB DIRECTORY
suppressPackageStartupMessages(library(DBI))
columns <- "seq, file_name, offset, data, is_last, metadata_json"

# SQLITE_RW: a path that is mistyped is an error, not a new database.
connect <- function(path, ...) {
  db <- DBI::dbConnect(RSQLite::SQLite(), path, flags = RSQLite::SQLITE_RW, loadable.extensions = TRUE)
  for (extension in c(...)) DBI::dbGetQuery(db, "SELECT load_extension(?)", params = list(extension))
  db
}

value <- function(db, query, ...) DBI::dbGetQuery(db, query, params = if (...length()) list(...))[[1]]

# Saves a snapshot of live in a new file: NAME.tar, or compressed as NAME.tar.zst.
# Returns JSON.
save_file <- function(live, path) value(live, "SELECT vx_snapshot_save(?)", path)

# Says "ok", or the first thing that is wrong with a saved file.
verify_file <- function(db, path) value(db, sprintf("SELECT vx_snapshot_verify(%s) FROM vx_snapshot_read(?)", columns), path)

# Restores a saved file into a new directory. Returns JSON.
restore_file <- function(db, path, directory) {
  value(db, sprintf("SELECT vx_snapshot_restore(?, %s) FROM vx_snapshot_read(?)", columns), directory, path)
}

# Stores the rows of a snapshot of live in a new database at path, 8 rows at a time;
# returns the snapshot's size in bytes. progress is called at each tenth of them.
store_rows <- function(live, path, progress) {
  store <- dbConnect(RSQLite::SQLite(), path)
  dbExecute(store, "CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)")
  rows <- dbSendQuery(live, sprintf("SELECT %s FROM vx_snapshot_chunks(65536)", columns))
  done <- 0
  total <- 0
  dbBegin(store)
  while (!dbHasCompleted(rows)) {
    some <- dbFetch(rows, n = 8)
    if (nrow(some) == 0) break
    dbExecute(store, "INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)", params = unname(as.list(some)))
    if (some$seq[1] == 0) total <- as.numeric(sub('.*"total_size":([0-9]+).*', "\\1", some$metadata_json[1]))
    before <- done
    done <- done + sum(lengths(some$data))
    if (done > before && (10 * done) %/% total > (10 * before) %/% total) progress(done, total)
  }
  dbClearResult(rows)
  dbCommit(store)
  dbDisconnect(store)
  total
}

# Writes a snapshot of live to a connection of R, as the bytes of a tar file, 8 rows
# of 64 KiB at a time.
stream <- function(live, con) {
  rows <- dbSendQuery(live, "SELECT data FROM vx_snapshot_tar(65536)")
  on.exit(dbClearResult(rows))
  while (!dbHasCompleted(rows)) {
    for (data in dbFetch(rows, n = 8)$data) writeBin(data, con)
  }
}

percent <- function(done, total) cat(sprintf("\r%.0f %%", (100 * done) %/% total), file = stderr())

nearest <- function(db) {
  dbGetQuery(db, "SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))")$rowid
}

failure <- function(expression) tryCatch({ expression; "no error" }, error = conditionMessage)

args <- commandArgs(trailingOnly = TRUE)
vxsnap <- args[1]
vectorlite <- args[2]
database <- args[3]
directory <- args[4]
start <- Sys.time()
live <- connect(database, vxsnap, vectorlite)

# A new vector is in the memory of its connection until that flushes.
insert <- "INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))"
invisible(dbExecute(live, insert, params = list(2001, "[1, 2, 3, 4, 5, 6, 7, 8]")))
stopifnot(value(live, "SELECT vx_snapshot_flush()") == 1)

# Into a file.
path <- file.path(directory, "backup.tar.zst")
saved <- save_file(live, path)
stopifnot(value(live, "SELECT json_extract(?, '$.size')", saved) == file.size(path))
stopifnot(verify_file(live, path) == "ok")
invisible(restore_file(live, path, file.path(directory, "from-file")))
message <- failure(save_file(live, path))
stopifnot(message == sprintf("vx_snapshot_save: file '%s' exists, and is not replaced; name another, or remove it first", path))

# Into a table.
size <- store_rows(live, file.path(directory, "backup.db"), percent)
cat("\n", file = stderr())
stopifnot(value(live, "SELECT json_extract(?, '$.total_size')", saved) == size)
store <- connect(file.path(directory, "backup.db"), vxsnap)
verify_rows <- function() value(store, sprintf("SELECT vx_snapshot_verify(%s) FROM snap", columns))
restore_rows <- function(name) value(store, sprintf("SELECT vx_snapshot_restore(?, %s) FROM snap", columns), file.path(directory, name))
stopifnot(verify_rows() == "ok")
invisible(restore_rows("restored"))
restored <- connect(file.path(directory, "restored/database.db"), vectorlite)
found <- nearest(restored)
stopifnot(length(found) == 5, found[1] == 2001, identical(found, nearest(live)))
dbDisconnect(restored)

# As a stream, here into a file.
tar <- file(file.path(directory, "stream.tar"), "wb")
stream(live, tar)
close(tar)
stopifnot(verify_file(live, file.path(directory, "stream.tar")) == "ok")

# Damage is text for verify, and an error for restore.
invisible(dbExecute(store, "UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536"))
verdict <- verify_rows()
stopifnot(startsWith(verdict, "database.db: checksum mismatch: "))
stopifnot(failure(restore_rows("damaged")) == paste0("vx_snapshot_restore: ", verdict))
message <- failure(value(live, "SELECT * FROM vx_snapshot_chunks('abc')"))
stopifnot(message == "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'")

# Four workers, each a process with a connection of its own. Not mclapply: it
# forks, and vxsnap does not survive a fork. live has flushed, but is still open, so
# that only 'disk' takes the files.
work <- function(i, connect, value, database, vxsnap, columns) {
  db <- connect(database, vxsnap)
  on.exit(DBI::dbDisconnect(db))
  value(db, sprintf("SELECT vx_snapshot_verify(%s) FROM vx_snapshot_chunks(4096, 'main', 'disk')", columns))
}
workers <- parallel::makeCluster(4)
verdicts <- parallel::parSapply(workers, 1:4, work, connect, value, database, vxsnap, columns)
parallel::stopCluster(workers)
stopifnot(verdicts == "ok")
cat(sprintf("done, %.0f bytes, %.2f s\n", size, as.numeric(Sys.time() - start, units = "secs")))
