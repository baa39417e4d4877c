# Backs up a live database, with its index files, in three ways: into a file, into
# a table of another database, and as a stream; checks, restores and searches the
# backups, and shows what an error looks like.
#
#     backup.rb VXSNAP VECTORLITE LIVE.DB DIRECTORY
require "json"
require "sqlite3"

COLUMNS = "seq, file_name, offset, data, is_last, metadata_json"

def connect(path, *extensions)
  db = SQLite3::Database.new(path, readwrite: true) # mistyped, it would be a new database
  db.enable_load_extension(true)
  extensions.each { |extension| db.load_extension(extension) }
  db
end

# Saves a snapshot of live in a new file: NAME.tar, or compressed as NAME.tar.zst.
def save(live, path)
  JSON.parse(live.get_first_value("SELECT vx_snapshot_save(?)", [path]))
end

# Says "ok", or the first thing that is wrong with a saved file.
def verify(db, path)
  db.get_first_value("SELECT vx_snapshot_verify(#{COLUMNS}) FROM vx_snapshot_read(?)", [path])
end

# Restores a saved file into a new directory.
def restore(db, path, directory)
  JSON.parse(db.get_first_value("SELECT vx_snapshot_restore(?, #{COLUMNS}) FROM vx_snapshot_read(?)", [directory, path]))
end

# Stores the rows of a snapshot of live in a new database at path; returns the
# snapshot's size in bytes. Yields at each tenth of them.
def store_rows(live, path)
  store = SQLite3::Database.new(path)
  store.execute("CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)")
  done = total = 0
  store.transaction do
    insert = store.prepare("INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)")
    live.execute("SELECT #{COLUMNS} FROM vx_snapshot_chunks(65536)") do |row|
      row = row.to_a
      row[3] = SQLite3::Blob.new(row[3]) if row[3] # not text
      insert.execute(*row)
      total = JSON.parse(row[5])["total_size"] if row[0] == 0 # the metadata row, the first
      before = done
      done += row[3].bytesize if row[3]
      yield done, total if done > before && 10 * done / total > 10 * before / total
    end
    insert.close
  end
  store.close
  total
end

# Yields a snapshot of live as the bytes of a tar file, 64 KiB at a time.
def stream(live)
  live.execute("SELECT data FROM vx_snapshot_tar(65536)") { |row| yield row[0] }
end

def nearest(db)
  db.execute("SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))").map(&:first)
end

# The class and the message of an exception; version 2 of the gem adds lines with the SQL to it.
def failure
  yield
  "no error"
rescue SQLite3::Exception => error
  [error.class, error.message.lines.first.chomp]
end

vxsnap, vectorlite, database, directory = ARGV
start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
live = connect(database, vxsnap, vectorlite)

# A new vector is in the memory of its connection until that flushes, which it
# refuses to do beside a statement on the table that is not closed. The block closes.
flush = -> { live.get_first_value("SELECT vx_snapshot_flush()") }
live.prepare("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))") do |insert|
  insert.execute(2001, "[1, 2, 3, 4, 5, 6, 7, 8]")
  error = failure(&flush)
  raise error.inspect unless error[1].include?("the prepared statement 'INSERT INTO docs_vec")
end
raise "flush" unless flush.call == 1

# Into a file.
file = "#{directory}/backup.tar.zst"
saved = save(live, file)
raise saved.inspect unless saved["size"] == File.size(file)
raise "verify" unless verify(live, file) == "ok"
restore(live, file, "#{directory}/from-file")
error = failure { save(live, file) }
raise error.inspect unless error ==
  [SQLite3::CantOpenException, "vx_snapshot_save: file '#{file}' exists, and is not replaced; name another, or remove it first"]

# Into a table.
size = store_rows(live, "#{directory}/backup.db") do |done, total|
  $stderr.print "\r#{100 * done / total} %"
end
$stderr.puts
raise size.to_s unless size == saved["total_size"]
store = connect("#{directory}/backup.db", vxsnap)
verify_rows = -> { store.get_first_value("SELECT vx_snapshot_verify(#{COLUMNS}) FROM snap") }
restore_rows = ->(name) { store.get_first_value("SELECT vx_snapshot_restore(?, #{COLUMNS}) FROM snap", ["#{directory}/#{name}"]) }
raise verify_rows.call unless verify_rows.call == "ok"
restore_rows.call("restored")
restored = connect("#{directory}/restored/database.db", vectorlite)
found = nearest(restored)
raise found.inspect unless found.size == 5 && found.first == 2001 && found == nearest(live)
restored.close

# As a stream, here into a file.
File.open("#{directory}/stream.tar", "wb") do |tar|
  stream(live) { |data| tar.write(data) }
end
raise "stream" unless verify(live, "#{directory}/stream.tar") == "ok"

# Damage is text for verify, and an exception for restore.
store.execute("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536")
verdict = verify_rows.call
raise verdict unless verdict.start_with?("database.db: checksum mismatch: ")
error = failure { restore_rows.call("damaged") }
raise error.inspect unless error == [SQLite3::CorruptException, "vx_snapshot_restore: " + verdict]
error = failure { live.execute("SELECT * FROM vx_snapshot_chunks('abc')") }
raise error.inspect unless error ==
  [SQLite3::MisuseException, "vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'"]

# Four threads, each with a connection of its own. live has flushed, but is still
# open, so that only 'disk' takes the files.
verdicts = 4.times.map do
  Thread.new { connect(database, vxsnap).get_first_value("SELECT vx_snapshot_verify(#{COLUMNS}) FROM vx_snapshot_chunks(4096, 'main', 'disk')") }
end.map(&:value)
raise verdicts.inspect unless verdicts == ["ok"] * 4
puts format("done, %d bytes, %.2f s", size, Process.clock_gettime(Process::CLOCK_MONOTONIC) - start)
