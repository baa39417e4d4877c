# Backs up a live database, with its index files, into a file; checks the
# backup, restores it, and shows what an error looks like.
#
#     Rscript backup.R VXSNAP LIVE.DB DIRECTORY
suppressPackageStartupMessages(library(DBI))
columns <- "seq, file_name, offset, data, is_last, metadata_json"

connect <- function(path, vxsnap) {
  db <- dbConnect(RSQLite::SQLite(), path, loadable.extensions = TRUE)
  dbExecute(db, "SELECT load_extension(?)", params = list(vxsnap))
  db
}

# Stores a snapshot of live in a new database at path, 16 rows at a time.
backup <- function(live, path) {
  store <- dbConnect(RSQLite::SQLite(), path)
  dbExecute(store, "CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)")
  rows <- dbSendQuery(live, sprintf("SELECT %s FROM vx_snapshot_chunks(65536)", columns))
  done <- 0
  total <- 0
  dbBegin(store)
  while (!dbHasCompleted(rows)) {
    some <- dbFetch(rows, n = 16)
    if (nrow(some) == 0) break
    dbExecute(store, "INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)", params = unname(as.list(some)))
    text <- some$metadata_json[!is.na(some$metadata_json)]
    if (length(text) > 0) total <- as.numeric(sub('.*"total_size":([0-9]+).*', "\\1", text))
    done <- done + sum(lengths(some$data))
    cat(sprintf("\r%.0f of %.0f bytes", done, total), file = stderr())
  }
  cat("\n", file = stderr())
  dbClearResult(rows)
  dbCommit(store)
  dbDisconnect(store)
  total
}

failure <- function(expression) tryCatch({ expression; "no error" }, error = conditionMessage)
has <- function(text, part) grepl(part, text, fixed = TRUE)

args <- commandArgs(trailingOnly = TRUE)
vxsnap <- args[1]
directory <- args[3]
start <- Sys.time()
live <- connect(args[2], vxsnap)
size <- backup(live, file.path(directory, "backup.db"))

store <- connect(file.path(directory, "backup.db"), vxsnap)
verify <- function() dbGetQuery(store, sprintf("SELECT vx_snapshot_verify(%s) AS verdict FROM snap", columns))$verdict
restore <- function(name) {
  dbGetQuery(store, sprintf("SELECT vx_snapshot_restore(?, %s) FROM snap", columns), params = list(file.path(directory, name)))
}
stopifnot(verify() == "ok")
invisible(restore("restored"))

# Damage is text for verify, and an error for restore.
invisible(dbExecute(store, "UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 2"))
verdict <- verify()
stopifnot(startsWith(verdict, "database.db: checksum mismatch: "))
stopifnot(has(failure(restore("damaged")), paste0("vx_snapshot_restore: ", verdict)))
message <- failure(dbGetQuery(live, "SELECT * FROM vx_snapshot_chunks('abc')"))
stopifnot(has(message, "vx_snapshot_chunks: chunk_size must be an integer from 1 to 268435456, got 'abc'"))
cat(sprintf("done, %.0f bytes, %.2f s\n", size, as.numeric(Sys.time() - start, units = "secs")))
