package vectorlite

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/vxsnap/vxsnap/internal/fault"
	"github.com/vxsnap/vxsnap/snapshot/hnsw"
)

// vectorColumn is vectorlite's first argument: a name, a type and how many
// numbers of that type a vector has. It takes all that vectorlite 0.2 takes,
// which is ^\w+\s+\w+\[\d+\]\s*\w*\s*$ with the type float32, and more: a size
// that only vectorlite reads would not be held against the index file.
var vectorColumn = regexp.MustCompile(`(?i)^\S+\s+(float32|float16|bfloat16)\s*\[\s*([0-9]+)\s*\]`)

// numberSize is the size of a vector's numbers, in bytes.
var numberSize = map[string]uint64{"float32": 4, "float16": 2, "bfloat16": 2}

// maxVectorSize is the size of the largest vector, in bytes: it comes to
// vectorlite as a BLOB.
const maxVectorSize = math.MaxInt32

// vectorSize reads how large vectors are that fit vectorlite's first argument,
// 0 if it does not have the form that tells. vectorlite reads the number with 64
// bits, leading zeros and all, refuses 0 and what does not fit, and multiplies
// without a look at the overflow: float32[4611686018427387905] makes room for
// vectors of 4 bytes, and is then read out of bounds.
func vectorSize(column string) (int64, error) {
	m := vectorColumn.FindStringSubmatch(column)
	if m == nil {
		return 0, nil
	}
	each := numberSize[strings.ToLower(m[1])]
	n, err := strconv.ParseUint(m[2], 10, 64)
	if err != nil || n == 0 || n > maxVectorSize/each {
		return 0, fmt.Errorf("its vectors have %s numbers, must be from 1 to %d; drop the table and declare it anew", fault.Quote(m[2]), maxVectorSize/each)
	}
	return int64(n * each), nil
}

// CheckVectors holds an index against the declaration of its table: vectorlite
// itself opens an index of other vectors, and then reads out of bounds.
func (t *Table) CheckVectors(info hnsw.Info) error {
	if t.VectorSize == 0 || t.VectorSize == info.VectorSize {
		return nil
	}
	return fault.New(fault.ErrIndexFile, "the index of table %s has vectors of %d bytes, the table declares %d", fault.Quote(t.Name), info.VectorSize, t.VectorSize)
}
