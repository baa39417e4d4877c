package vxsnap_test

import "testing"

// A host keeps its limit of descriptors, whatever becomes of a load; and where there
// is too little for a Go runtime a load is an error, and not the end of the host.
func TestLimitsOfAHost(t *testing.T) {
	t.Setenv("GOMAXPROCS", "2")
	load := loader(t, "limits.c")
	const kept = "256 descriptors, children: 256"
	for _, test := range []struct{ way, want string }{
		{"load", "0 not an error\n" + kept},
		{"refused", "0 not an error\n" + kept},
		{"meanwhile", "0 not an error\n300 descriptors, children: 300"},
		{"memory", "14 automatic extension loading failed: vxsnap: 1748 MB of address space must be free to load it: " +
			"Cannot allocate memory; raise the limit (ulimit -v) and load vxsnap again\n0 not an error\n" + kept},
		{"threads", "14 automatic extension loading failed: vxsnap: room for 7 threads must be free to load it: " +
			"Resource temporarily unavailable; raise the limit (ulimit -u, or that of the container) and load vxsnap again\n0 not an error\n" + kept},
	} {
		if got, err := load(test.way); got != test.want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", test.way, got, err, test.want)
		}
	}
}

// What Go cannot read in the environment ends no host; what it can read is none of
// our business.
func TestGoMemLimit(t *testing.T) {
	for value, right := range map[string]bool{
		"": true, "off": true, "0": true, "1": true, "64MiB": true, "9223372036854775807": true, "8388607TiB": true, "+70000000B": true,
		"abc": false, "-1": false, " 1": false, "1 ": false, "1MB": false, "MiB": false, "9223372036854775808": false, "8388608TiB": false, "on": false,
	} {
		want := "v0.1.0\n"
		if !right {
			want = "Error: error during initialization: vxsnap: the environment variable GOMEMLIMIT is '" + value +
				"'; it must be off, or a number of bytes such as 512MiB\n"
		}
		got, err := limited("export GOMEMLIMIT='"+value+"'", ":memory:", "SELECT vx_snapshot_version()")
		if got != want || (err == nil) != right {
			t.Errorf("%s: got %s%v, want %s", value, got, err, want)
		}
	}
}
