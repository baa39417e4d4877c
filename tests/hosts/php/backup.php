<?php
// Backs up a live database, with its index files, into a file; checks the
// backup, restores it, and shows what an error looks like.
//
//     php -d sqlite3.extension_dir=FOLDER backup.php vxsnap.so LIVE.DB DIRECTORY
//
// PHP loads extensions only from sqlite3.extension_dir, by name.
declare(strict_types=1);

const COLUMNS = 'seq, file_name, offset, data, is_last, metadata_json';

function connect(string $path, string $vxsnap): SQLite3
{
    $db = new SQLite3($path);
    $db->enableExceptions(true);
    $db->loadExtension($vxsnap);
    return $db;
}

// Stores a snapshot of $live in a new database at $path; returns its size.
function backup(SQLite3 $live, string $path, callable $progress): int
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
        $total = $row[5] === null ? $total : json_decode($row[5])->total_size;
        $done += strlen($row[3] ?? '');
        $progress($done, $total);
    }
    $store->exec('COMMIT');
    $store->close();
    return $total;
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

[, $vxsnap, $database, $directory] = $argv;
$start = microtime(true);
$live = connect($database, $vxsnap);
$size = backup($live, "$directory/backup.db", fn ($done, $total) => fwrite(STDERR, "\r$done of $total bytes"));
fwrite(STDERR, "\n");

$store = connect("$directory/backup.db", $vxsnap);
$verify = fn () => $store->querySingle('SELECT vx_snapshot_verify(' . COLUMNS . ') FROM snap');
$restore = fn ($name) => $store->querySingle("SELECT vx_snapshot_restore('$directory/$name', " . COLUMNS . ') FROM snap');
expect($verify() === 'ok', 'verify');
$restore('restored');

// Damage is text for verify, and an exception for restore.
$store->exec('UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 2');
$verdict = $verify();
expect(str_starts_with($verdict, 'database.db: checksum mismatch: '), $verdict);
$message = failure(fn () => $restore('damaged'));
expect(str_contains($message, "vx_snapshot_restore: $verdict"), $message);
$message = failure(fn () => $live->querySingle("SELECT * FROM vx_snapshot_chunks('abc')"));
expect(str_contains($message, "vx_snapshot_chunks: chunk_size must be an integer from 1 to 268435456, got 'abc'"), $message);
printf("done, %d bytes, %.2f s\n", $size, microtime(true) - $start);
