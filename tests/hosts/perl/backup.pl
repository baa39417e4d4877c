# Backs up a live database, with its index files, into a file; checks the
# backup, restores it, and shows what an error looks like.
#
#     perl backup.pl VXSNAP LIVE.DB DIRECTORY
use strict;
use warnings;
use DBI qw(:sql_types);
use JSON::PP;
use Time::HiRes qw(time);

my $COLUMNS = "seq, file_name, offset, data, is_last, metadata_json";

sub connect_to {
    my ($path, $vxsnap) = @_;
    my $db = DBI->connect("dbi:SQLite:dbname=$path", "", "", { RaiseError => 1, PrintError => 0 });
    if (defined $vxsnap) {
        $db->sqlite_enable_load_extension(1);
        $db->sqlite_load_extension($vxsnap);
    }
    return $db;
}

# Stores a snapshot of $live in a new database at $path; returns its size.
sub backup {
    my ($live, $path, $progress) = @_;
    my $store = connect_to($path);
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
        $total = decode_json($row->[5])->{total_size} if defined $row->[5];
        $done += length $row->[3] if defined $row->[3];
        $progress->($done, $total);
    }
    $store->commit;
    return $total;
}

sub failure {
    my ($try) = @_;
    return eval { $try->(); 1 } ? "no error" : $@;
}

my ($vxsnap, $database, $directory) = @ARGV;
my $start = time;
my $live = connect_to($database, $vxsnap);
my $size = backup($live, "$directory/backup.db", sub { print STDERR "\r$_[0] of $_[1] bytes" });
print STDERR "\n";

my $store = connect_to("$directory/backup.db", $vxsnap);
my $verify = sub { ($store->selectrow_array("SELECT vx_snapshot_verify($COLUMNS) FROM snap"))[0] };
my $restore = sub { $store->selectrow_array("SELECT vx_snapshot_restore(?, $COLUMNS) FROM snap", undef, "$directory/$_[0]") };
die "verify" unless $verify->() eq "ok";
$restore->("restored");

# Damage is text for verify, and an exception for restore.
$store->do("UPDATE snap SET data = zeroblob(length(data)) WHERE seq = 2");
my $verdict = $verify->();
die $verdict unless $verdict =~ /^database\.db: checksum mismatch: /;
my $message = failure(sub { $restore->("damaged") });
die $message unless index($message, "vx_snapshot_restore: $verdict") >= 0;
$message = failure(sub { $live->selectrow_array("SELECT * FROM vx_snapshot_chunks('abc')") });
die $message
    unless index($message, "vx_snapshot_chunks: chunk_size must be an integer from 1 to 268435456, got 'abc'") >= 0;
printf "done, %d bytes, %.2f s\n", $size, time - $start;
