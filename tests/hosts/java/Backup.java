import java.io.*;
import java.nio.file.*;
import java.sql.*;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.*;
import java.util.function.LongConsumer;

/**
 * Backs up a live database, with its index files, in three ways: into a file, into
 * a table of another database, and as a stream; checks, restores and searches the
 * backups, and shows what an error looks like.
 *
 *     java -cp sqlite-jdbc.jar Backup.java VXSNAP VECTORLITE LIVE.DB DIRECTORY
 */
public class Backup {
    static final String COLUMNS = "seq, file_name, offset, data, is_last, metadata_json";

    static Connection connect(String path, String... extensions) throws SQLException {
        // open_mode=2 is SQLITE_OPEN_READWRITE: a path that is mistyped is an error, not a new database.
        Connection db = DriverManager.getConnection("jdbc:sqlite:" + path + "?open_mode=2&enable_load_extension=true");
        try (PreparedStatement load = db.prepareStatement("SELECT load_extension(?)")) {
            for (String extension : extensions) {
                load.setString(1, extension);
                load.execute();
            }
        }
        return db;
    }

    static String value(Connection db, String query, String... texts) throws SQLException {
        try (PreparedStatement s = db.prepareStatement(query)) {
            for (int i = 0; i < texts.length; i++) s.setString(i + 1, texts[i]);
            try (ResultSet row = s.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    /** Saves a snapshot of live in a new file: NAME.tar, or compressed as NAME.tar.zst. Returns JSON. */
    static String save(Connection live, String path) throws SQLException {
        return value(live, "SELECT vx_snapshot_save(?)", path);
    }

    /** Says "ok", or the first thing that is wrong with a saved file. */
    static String verify(Connection db, String path) throws SQLException {
        return value(db, "SELECT vx_snapshot_verify(" + COLUMNS + ") FROM vx_snapshot_read(?)", path);
    }

    /** Restores a saved file into a new directory. Returns JSON. */
    static String restore(Connection db, String path, String directory) throws SQLException {
        return value(db, "SELECT vx_snapshot_restore(?, " + COLUMNS + ") FROM vx_snapshot_read(?)", directory, path);
    }

    /**
     * Stores the rows of a snapshot of live in a new database at path; returns the
     * snapshot's size in bytes. percent is called at each tenth of them.
     */
    static long storeRows(Connection live, String path, LongConsumer percent) throws SQLException {
        long done = 0, total = 0;
        try (Connection store = DriverManager.getConnection("jdbc:sqlite:" + path)) {
            store.createStatement().execute("CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)");
            store.setAutoCommit(false);
            try (PreparedStatement insert = store.prepareStatement("INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)");
                 Statement s = live.createStatement();
                 ResultSet row = s.executeQuery("SELECT " + COLUMNS + ", json_extract(metadata_json, '$.total_size') FROM vx_snapshot_chunks(65536)")) {
                while (row.next()) {
                    byte[] data = row.getBytes(4);
                    insert.setLong(1, row.getLong(1));
                    insert.setString(2, row.getString(2));
                    insert.setObject(3, row.getObject(3));
                    insert.setBytes(4, data);
                    insert.setLong(5, row.getLong(5));
                    insert.setString(6, row.getString(6));
                    insert.execute();
                    if (row.getLong(1) == 0) total = row.getLong(7); // the metadata row, the first
                    if (data == null || data.length == 0) continue;
                    long tenths = 10 * done / total;
                    done += data.length;
                    if (10 * done / total > tenths) percent.accept(100 * done / total);
                }
            }
            store.commit();
        }
        return total;
    }

    /** Writes a snapshot of live as the bytes of a tar file, 64 KiB at a time. */
    static void stream(Connection live, OutputStream out) throws SQLException, IOException {
        try (Statement s = live.createStatement(); ResultSet row = s.executeQuery("SELECT data FROM vx_snapshot_tar(65536)")) {
            while (row.next()) out.write(row.getBytes(1));
        }
    }

    static List<Long> nearest(Connection db) throws SQLException {
        List<Long> found = new ArrayList<>();
        try (Statement s = db.createStatement();
             ResultSet row = s.executeQuery("SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))")) {
            while (row.next()) found.add(row.getLong(1));
        }
        return found;
    }

    interface Try { void run() throws SQLException; }

    static String failure(Try what) {
        try {
            what.run();
            return "no error";
        } catch (SQLException error) {
            return error.getMessage();
        }
    }

    static void expect(boolean right, String what) {
        if (!right) throw new AssertionError(what);
    }

    public static void main(String[] args) throws Exception {
        String vxsnap = args[0], vectorlite = args[1], database = args[2], directory = args[3];
        long start = System.nanoTime();
        Connection live = connect(database, vxsnap, vectorlite);

        // A new vector is in the memory of its connection until that flushes, which it
        // refuses to do beside a statement on the table that is not closed.
        try (PreparedStatement insert = live.prepareStatement("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))")) {
            insert.setLong(1, 2001);
            insert.setString(2, "[1, 2, 3, 4, 5, 6, 7, 8]");
            insert.executeUpdate();
            String refused = failure(() -> value(live, "SELECT vx_snapshot_flush()"));
            expect(refused.contains("the prepared statement 'INSERT INTO docs_vec"), refused);
        }
        expect("1".equals(value(live, "SELECT vx_snapshot_flush()")), "flush");

        // Into a file.
        String file = directory + "/backup.tar.zst";
        String saved = save(live, file);
        expect(value(live, "SELECT json_extract(?, '$.size')", saved).equals("" + Files.size(Path.of(file))), saved);
        expect("ok".equals(verify(live, file)), "verify");
        restore(live, file, directory + "/from-file");
        String message = failure(() -> save(live, file));
        expect(message.equals("[SQLITE_CANTOPEN] Unable to open the database file (vx_snapshot_save: file '" + file
            + "' exists, and is not replaced; name another, or remove it first)"), message);

        // Into a table.
        long size = storeRows(live, directory + "/backup.db", percent -> System.err.printf("\r%d %%", percent));
        System.err.println();
        expect(value(live, "SELECT json_extract(?, '$.total_size')", saved).equals("" + size), "size: " + size);
        Connection store = connect(directory + "/backup.db", vxsnap);
        String verify = "SELECT vx_snapshot_verify(" + COLUMNS + ") FROM snap";
        String restore = "SELECT vx_snapshot_restore(?, " + COLUMNS + ") FROM snap";
        expect("ok".equals(value(store, verify)), "verify");
        value(store, restore, directory + "/restored");
        try (Connection restored = connect(directory + "/restored/database.db", vectorlite)) {
            List<Long> found = nearest(restored);
            expect(found.size() == 5 && found.get(0) == 2001 && found.equals(nearest(live)), "search: " + found);
        }

        // As a stream, here into a file.
        try (OutputStream tar = Files.newOutputStream(Path.of(directory, "stream.tar"))) {
            stream(live, tar);
        }
        expect("ok".equals(verify(live, directory + "/stream.tar")), "stream");

        // Damage is text for verify, and an exception for restore, with vxsnap's sentence in parentheses.
        store.createStatement().execute("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536");
        String verdict = value(store, verify);
        expect(verdict.startsWith("database.db: checksum mismatch: "), verdict);
        message = failure(() -> value(store, restore, directory + "/damaged"));
        expect(message.equals("[SQLITE_CORRUPT_VTAB] Content in the virtual table is corrupt (vx_snapshot_restore: " + verdict + ")"), message);
        message = failure(() -> value(live, "SELECT * FROM vx_snapshot_chunks('abc')"));
        expect(message.equals("[SQLITE_MISUSE] Library used incorrectly (vx_snapshot_chunks: "
            + "chunk_size must be an integer from 512 to 268435456, got 'abc')"), message);

        // Four threads, each with a connection of its own. live has flushed, but is still
        // open, so that only 'disk' takes the files.
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<String>> verdicts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            verdicts.add(pool.submit(() -> {
                try (Connection db = connect(database, vxsnap)) {
                    return value(db, "SELECT vx_snapshot_verify(" + COLUMNS + ") FROM vx_snapshot_chunks(4096, 'main', 'disk')");
                }
            }));
        }
        pool.shutdown();
        for (Future<String> each : verdicts) expect("ok".equals(each.get()), "thread: " + each.get());
        System.out.printf("done, %d bytes, %.2f s%n", size, (System.nanoTime() - start) / 1e9);
    }
}
