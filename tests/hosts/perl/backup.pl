# Backs up a live database, with its index files, into a file; checks the
# backup, restores it, searches it, and shows what an error looks like.
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

# Stores a snapshot of $live in a new database at $path; returns its size in bytes.
# $progress is called at each tenth of them.
sub backup {
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
die "flush" unless ($live->selectrow_array("SELECT vx_snapshot_flush()"))[0] == 1;
my $size = backup($live, "$directory/backup.db", \&percent);
print STDERR "\n";

my $store = connect_to("$directory/backup.db", $vxsnap);
my $verify = sub { ($store->selectrow_array("SELECT vx_snapshot_verify($COLUMNS) FROM snap"))[0] };
my $restore = "SELECT vx_snapshot_restore(?, $COLUMNS) FROM snap";
die "verify" unless $verify->() eq "ok";
$store->selectrow_array($restore, undef, "$directory/restored");
my $restored = connect_to("$directory/restored/database.db", $vectorlite);
my $found = nearest($restored);
die $found unless $found =~ /^2001( \d+){4}$/ && $found eq nearest($live);
$restored->disconnect;

# Damage is text for verify, and an exception for restore.
$store->do("UPDATE snap SET data = zeroblob(length(data)) WHERE file_name = 'database.db' AND offset = 65536");
my $verdict = $verify->();
die $verdict unless $verdict =~ /^database\.db: checksum mismatch: /;
my $message = failure($store, $restore, "$directory/damaged");
die $message unless $message eq "11 vx_snapshot_restore: $verdict";
$message = failure($live, "SELECT * FROM vx_snapshot_chunks('abc')");
die $message unless $message eq "21 vx_snapshot_chunks: chunk_size must be an integer from 512 to 268435456, got 'abc'";

# Four threads, each with a connection of its own. A thread inherits no connection.
# With 'auto' each would take another that is busy for one that may hold vectors.
$_->disconnect for $store, $live;
my @threads = map {
    threads->create(sub {
        my $db = connect_to($database, $vxsnap);
        return ($db->selectrow_array("SELECT vx_snapshot_verify($COLUMNS) FROM vx_snapshot_chunks(4096, 'main', 'disk')"))[0];
    });
} 1 .. 4;
my @verdicts = map { $_->join } @threads;
die "@verdicts" unless "@verdicts" eq "ok ok ok ok";
printf "done, %d bytes, %.2f s\n", $size, time - $start;
