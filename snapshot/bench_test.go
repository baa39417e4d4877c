package snapshot_test

import (
	"testing"

	"github.com/vxsnap/vxsnap/snapshot"
)

const benchSize = 64 << 20

func BenchmarkChecksum(b *testing.B) {
	sources := files{make([]byte, benchSize)}.sources()
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		s, err := snapshot.Open(sources, snapshot.Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

func BenchmarkAssemblerInOrder(b *testing.B)  { benchmarkVerify(b, func([]snapshot.Row) {}) }
func BenchmarkAssemblerShuffled(b *testing.B) { benchmarkVerify(b, shuffle(1)) }

func benchmarkVerify(b *testing.B, order func([]snapshot.Row)) {
	rows := files{make([]byte, benchSize)}.rows(b, 0)
	order(rows)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		if got := verify(b, nil, rows); got != "ok" {
			b.Fatal(got)
		}
	}
}
