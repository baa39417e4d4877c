# Backs up a live database, with its index files, in three ways: into a file, into
# a table of another database, and as a stream; checks, restores and searches the
# backups, and shows what an error looks like.
#
#     perl backup.pl VXSNAP VECTORLITE LIVE.DB DIRECTORY
use strict;
use warnings;
use threads;
use DBI qw(:sql_types);
use DBD::SQLite;
use JSON::PP;
use Time::HiRes qw(time);

my $COLUMNS = "seq, file_name, offset, data, is_last, metadata_json";

# OPEN_READWRITE: a path that is mistyped is an error, not a new database.
sub connect_to {
    my ($path, @extensions) = @_;
    my $db = DBI->connect("dbi:SQLite:dbname=$path", "", "",
        { RaiseError => 1, PrintError => 0, sqlite_open_flags => DBD::SQLite::OPEN_READWRITE });
    $db->sqlite_enable_load_extension(1);
    $db->sqlite_load_extension($_) for @extensions;
    return $db;
}

sub value {
    my ($db, $query, @values) = @_;
    return ($db->selectrow_array($query, undef, @values))[0];
}

# Saves a snapshot of $live in a new file: NAME.tar, or compressed as NAME.tar.zst.
sub save {
    my ($live, $path) = @_;
    return decode_json(value($live, "SELECT vx_snapshot_save(?)", $path));
}

# Says "ok", or the first thing that is wrong with a saved file.
sub verify {
    my ($db, $path) = @_;
    return value($db, "SELECT vx_snapshot_verify($COLUMNS) FROM vx_snapshot_read(?)", $path);
}

# Restores a saved file into a new directory.
sub restore {
    my ($db, $path, $directory) = @_;
    return decode_json(value($db, "SELECT vx_snapshot_restore(?, $COLUMNS) FROM vx_snapshot_read(?)", $directory, $path));
}

# Stores the rows of a snapshot of $live in a new database at $path; returns the
# snapshot's size in bytes. $progress is called at each tenth of them.
sub store_rows {
    my ($live, $path, $progress) = @_;
    my $store = DBI->connect("dbi:SQLite:dbname=$path", "", "", { RaiseError => 1, PrintError => 0 });
    $store->do("CREATE TABLE snap(seq INTEGER, file_name TEXT, offset INTEGER, data BLOB, is_last INTEGER, metadata_json TEXT)");
    $store->begin_work;
    my $insert = $store->prepare("INSERT INTO snap VALUES (?, ?, ?, ?, ?, ?)");
    my @types = (SQL_INTEGER, SQL_VARCHAR, SQL_INTEGER, SQL_BLOB, SQL_INTEGER, SQL_VARCHAR);
    my $rows = $live->prepare("SELECT $COLUMNS FROM vx_snapshot_chunks(65536)");
    $rows->execute;
    my ($done, $total) = (0, 0);
    while (my $row = $rows->fetchrow_arrayref) {
        $insert->bind_param($_ + 1, $row->[$_], $types[$_]) for 0 .. 5;
        $insert->execute;
        $total = decode_json($row->[5])->{total_size} if $row->[0] == 0; # the metadata row, the first
        my $size = length($row->[3] // "") or next;
        my $tenths = int(10 * $done / $total);
        $done += $size;
        $progress->($done, $total) if int(10 * $done / $total) > $tenths;
    }
    $store->commit;
    return $total;
}

# Calls $write with a snapshot of $live, as the bytes of a tar file, 64 KiB at a time.
sub stream {
    my ($live, $write) = @_;
    my $rows = $live->prepare("SELECT data FROM vx_snapshot_tar(65536)");
    $rows->execute;
    while (my ($data) = $rows->fetchrow_array) {
        $write->($data);
    }
}

sub percent {
    my ($done, $total) = @_;
    printf STDERR "\r%d %%", 100 * $done / $total;
}

sub nearest {
    my ($db) = @_;
    my $found = $db->selectcol_arrayref(
        "SELECT rowid FROM docs_vec WHERE knn_search(v, knn_param(vector_from_json('[1, 2, 3, 4, 5, 6, 7, 8]'), 5))");
    return "@$found";
}

# The code and the text of the error that a query gives.
sub failure {
    my ($db, $query, @values) = @_;
    return eval { $db->selectrow_array($query, undef, @values); 1 } ? "no error" : $db->err . " " . $db->errstr;
}

my ($vxsnap, $vectorlite, $database, $directory) = @ARGV;
my $start = time;
my $live = connect_to($database, $vxsnap, $vectorlite);

# A new vector is in the memory of its connection until that flushes, which it
# refuses to do beside a statement on the table, until that goes out of scope.
{
    my $insert = $live->prepare("INSERT INTO docs_vec(rowid, v) VALUES (?, vector_from_json(?))");
    $insert->execute(2001, "[1, 2, 3, 4, 5, 6, 7, 8]");
    my $refused = failure($live, "SELECT vx_snapshot_flush()");
    die $refused unless $refused =~ /the prepared statement 'INSERT INTO docs_vec/;
}
die "flush" unless value($live, "SELECT vx_snapshot_flush()") == 1;

# Into a file.
my $file = "$directory/backup.tar.zst";
my $saved = save($live, $file);
die "save" unless $saved->{size} == -s $file;
die "verify" unless verify($live, $file) eq "ok";
restore($live, $file, "$directory/from-file");
my $message = failure($live, "SELECT vx_snapshot_save(?)", $file);
die $message unless $message eq "14 vx_snapshot_save: file '$file' exists, and is not replaced; name another, or remove it first";

# Into a table.
my $size = store_rows($live, "$directory/backup.db", \&percent);
print STDERR "\n";
die $size unless $size == $saved->{total_size};
my $store = connect_to("$directory/backup.db", $vxsnap);
my $verify = "SELECT vx_snapshot_verify($COLUMNS) FROM snap";
my $restore = "SELECT vx_snapshot_restore(?, $COLUMNS) FROM snap";
die "verify" unless value($store, $verify) eq "ok";
value($store, $restore, "$directory/restored");
my $restored = connect_to("$directory/restored/database.db", $vectorlite);
my $found = nearest($restored);
die $found unless $found =~ /^2001( \d+){4}$/ && $found eq nearest($live);
$restored->disconnect;

# As a stream, here into a file.
open(my $tar, ">:raw", "$directory/stream.tar") or die $!;
stream($live, sub { print $tar $_[0] or die $! });
close($tar) or die $!;
die "stream" unless verify($live, "$directory/stream.tar") eq "ok";

# Damage is text for verify, and an exception for restore.
$store->do("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536");
my $verdict = value($store, $verify);
die $verdict unless $verdict =~ /^database\.db: checksum mismatch: /;
$message = failure($store, $restore, "$directory/damaged");
die $message unless $message eq "11 vx_snapshot_restore: $verdict";
$message = failure($live, "SELECT * FROM vx_snapshot_chunks('abc')");
die $message unless $message eq "21 vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'";

# Four threads, each with a connection of its own. A thread inherits no connection.
# With 'auto' each would take another that is busy for one that may hold vectors.
$_->disconnect for $store, $live;
my @threads = map {
    threads->create(sub {
        my $db = connect_to($database, $vxsnap);
        return value($db, "SELECT vx_snapshot_verify($COLUMNS) FROM vx_snapshot_chunks(4096, 'main', 'disk')");
    });
} 1 .. 4;
my @verdicts = map { $_->join } @threads;
die "@verdicts" unless "@verdicts" eq "ok ok ok ok";
printf "done, %d bytes, %.2f s\n", $size, time - $start;
