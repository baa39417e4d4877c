<?php
// Backs up a live database, with its index files, in three ways: into a file, into
// a table of another database, and as a stream; checks, restores and searches the
// backups, and shows what an error looks like.
//
//     php -d sqlite3.extension_dir=FOLDER backup.php vxsnap.so vectorlite.so LIVE.DB DIRECTORY
//
// PHP loads extensions only from sqlite3.extension_dir, by name.
declare(strict_types=1);

const COLUMNS = 'seq, file_name, offset, data, is_last, metadata_json';

function connect(string $path, string ...$extensions): SQLite3
{
    $db = new SQLite3($path, SQLITE3_OPEN_READWRITE); // mistyped, it would be a new database
    $db->enableExceptions(true);
    foreach ($extensions as $extension) {
        $db->loadExtension($extension);
    }
    return $db;
}

// The first value of a query, in which %s stands for a text. Not a prepared statement:
// its execute() runs it up to the first row, and fetchArray() runs it again.
function value(SQLite3 $db, string $query, string ...$texts): mixed
{
    return $db->querySingle(sprintf($query, ...array_map(fn ($text) => "'" . SQLite3::escapeString($text) . "'", $texts)));
}

// Saves a snapshot of $live in a new file: NAME.tar, or compressed as NAME.tar.zst.
function save(SQLite3 $live, string $path): object
{
    return json_decode(value($live, 'SELECT vx_snapshot_save(%s)', $path));
}

// Says 'ok', or the first thing that is wrong with a saved file.
function verify(SQLite3 $db, string $path): string
{
    return value($db, 'SELECT vx_snapshot_verify(' . COLUMNS . ') FROM vx_snapshot_read(%s)', $path);
}

// Restores a saved file into a new directory.
function restore(SQLite3 $db, string $path, string $directory): object
{
    return json_decode(value($db, 'SELECT vx_snapshot_restore(%s, ' . COLUMNS . ') FROM vx_snapshot_read(%s)', $directory, $path));
}

// Stores the rows of a snapshot of $live in a new database at $path; returns the
// snapshot's size in bytes. $progress is called at each tenth of them.
function storeRows(SQLite3 $live, string $path, callable $progress): int
{
    $store = new SQLite3($path);
    $store->exec('CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)');
    $store->exec('BEGIN');
    $insert = $store->prepare('INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)');
    $done = $total = 0;
    $rows = $live->query('SELECT ' . COLUMNS . ' FROM vx_snapshot_chunks(65536)');
    while ($row = $rows->fetchArray(SQLITE3_NUM)) {
        foreach ($row as $i => $value) {
            $type = $i === 3 && $value !== null ? SQLITE3_BLOB : null;
            $type === null ? $insert->bindValue($i + 1, $value) : $insert->bindValue($i + 1, $value, $type);
        }
        $insert->execute();
        $insert->reset();
        if ($row[0] === 0) { // the metadata row, the first
            $total = json_decode($row[5])->total_size;
        }
        $before = $done;
        $done += strlen($row[3] ?? '');
        if ($done > $before && intdiv(10 * $done, $total) > intdiv(10 * $before, $total)) {
            $progress($done, $total);
        }
    }
    $store->exec('COMMIT');
    $store->close();
    return $total;
}

// Gives a snapshot of $live as the bytes of a tar file, 64 KiB at a time.
function stream(SQLite3 $live): Generator
{
    $rows = $live->query('SELECT data FROM vx_snapshot_tar(65536)');
    while ($row = $rows->fetchArray(SQLITE3_NUM)) {
        yield $row[0];
    }
}

function percent(int $done, int $total): void
{
    fprintf(STDERR, "\r%d %%", intdiv(100 * $done, $total));
}

function nearest(SQLite3 $db): array
{
    $found = [];
    $rows = $db->query("SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))");
    while ($row = $rows->fetchArray(SQLITE3_NUM)) {
        $found[] = $row[0];
    }
    return $found;
}

function failure(callable $try): string
{
    try {
        $try();
    } catch (Exception $error) {
        return $error->getMessage();
    }
    return 'no error';
}

function expect(bool $right, string $what): void
{
    if (!$right) {
        fwrite(STDERR, "$what\n");
        exit(1);
    }
}

[, $vxsnap, $vectorlite, $database, $directory] = $argv;
$start = microtime(true);
$live = connect($database, $vxsnap, $vectorlite);

// A new vector is in the memory of its connection until that flushes, which it
// refuses to do beside a statement on the table that is alive.
$insert = $live->prepare('INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))');
$insert->bindValue(1, 2001);
$insert->bindValue(2, '[1, 2, 3, 4, 5, 6, 7, 8]');
$insert->execute();
$flush = fn () => $live->querySingle('SELECT vx_snapshot_flush()');
expect(str_contains(failure($flush), "the prepared statement 'INSERT INTO docs_vec"), 'flush beside a statement');
$insert->close();
expect($flush() === 1, 'flush');

// Into a file.
$file = "$directory/backup.tar.zst";
$saved = save($live, $file);
expect($saved->size === filesize($file), 'save');
expect(verify($live, $file) === 'ok', 'verify');
restore($live, $file, "$directory/from-file");
$message = failure(fn () => save($live, $file));
expect($message === "Unable to execute statement: vx_snapshot_save: file '$file' exists, and is not replaced; "
    . 'name another, or remove it first', $message);

// Into a table.
$size = storeRows($live, "$directory/backup.db", percent(...));
fwrite(STDERR, "\n");
expect($size === $saved->total_size, 'size');
$store = connect("$directory/backup.db", $vxsnap);
$verify = fn () => value($store, 'SELECT vx_snapshot_verify(' . COLUMNS . ') FROM snap');
$restore = fn ($name) => value($store, 'SELECT vx_snapshot_restore(%s, ' . COLUMNS . ') FROM snap', "$directory/$name");
expect($verify() === 'ok', 'verify');
$restore('restored');
$restored = connect("$directory/restored/database.db", $vectorlite);
$found = nearest($restored);
expect(count($found) === 5 && $found[0] === 2001 && $found === nearest($live), 'search');
$restored->close();

// As a stream, here into a file.
$tar = fopen("$directory/stream.tar", 'xb');
foreach (stream($live) as $data) {
    expect(fwrite($tar, $data) === strlen($data), 'stream.tar');
}
fclose($tar);
expect(verify($live, "$directory/stream.tar") === 'ok', 'stream');

// Damage is text for verify, and an exception for restore. PHP puts words before vxsnap's.
$store->exec("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536");
$verdict = $verify();
expect(str_starts_with($verdict, 'database.db: checksum mismatch: '), $verdict);
$message = failure(fn () => $restore('damaged'));
expect($message === "Unable to execute statement: vx_snapshot_restore: $verdict", $message);
$message = failure(fn () => $live->querySingle("SELECT * FROM vx_snapshot_chunks('abc')"));
expect($message === "Unable to execute statement: vx_snapshot_chunks: "
    . "chunk_size must be an integer from 512 to 268435456, got 'abc'", $message);
printf("done, %d bytes, %.2f s\n", $size, microtime(true) - $start);
