# Backs up a live database, with its index files, into a file; checks the
# backup, restores it, searches it, and shows what an error looks like.
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

# Stores a snapshot of live in a new database at path, 8 rows at a time; returns
# its size in bytes. progress is called at each tenth of them.
backup <- function(live, path, progress) {
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
stopifnot(dbGetQuery(live, "SELECT vx_snapshot_flush() AS written")$written == 1)
size <- backup(live, file.path(directory, "backup.db"), percent)
cat("\n", file = stderr())

store <- connect(file.path(directory, "backup.db"), vxsnap)
verify <- function() dbGetQuery(store, sprintf("SELECT vx_snapshot_verify(%s) AS verdict FROM snap", columns))$verdict
restore <- function(name) {
  dbGetQuery(store, sprintf("SELECT vx_snapshot_restore(?, %s) FROM snap", columns), params = list(file.path(directory, name)))
}
stopifnot(verify() == "ok")
invisible(restore("restored"))
restored <- connect(file.path(directory, "restored/database.db"), vectorlite)
found <- nearest(restored)
stopifnot(length(found) == 5, found[1] == 2001, identical(found, nearest(live)))
dbDisconnect(restored)

# Damage is text for verify, and an error for restore.
invisible(dbExecute(store, "UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536"))
verdict <- verify()
stopifnot(startsWith(verdict, "database.db: checksum mismatch: "))
stopifnot(failure(restore("damaged")) == paste0("vx_snapshot_restore: ", verdict))
message <- failure(dbGetQuery(live, "SELECT * FROM vx_snapshot_chunks('abc')"))
stopifnot(message == "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'")

# Four workers, each a process with a connection of its own. Not mclapply: it
# forks, and vxsnap does not survive a fork. live has flushed, but is still open, so
# that only 'disk' takes the files.
work <- function(i, connect, database, vxsnap, columns) {
  db <- connect(database, vxsnap)
  on.exit(DBI::dbDisconnect(db))
  DBI::dbGetQuery(db, sprintf("SELECT vx_snapshot_verify(%s) AS verdict FROM vx_snapshot_chunks(4096, 'main', 'disk')", columns))$verdict
}
workers <- parallel::makeCluster(4)
verdicts <- parallel::parSapply(workers, 1:4, work, connect, database, vxsnap, columns)
parallel::stopCluster(workers)
stopifnot(verdicts == "ok")
cat(sprintf("done, %.0f bytes, %.2f s\n", size, as.numeric(Sys.time() - start, units = "secs")))
