package extension

import (
	"errors"
	"fmt"
	"math/bits"

	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
)

// A tableFunction is a table-valued function: its columns, then its hidden
// parameters, then its hidden columns.
type tableFunction struct {
	name    string
	declare string // CREATE TABLE x(…)
	columns int    // how many columns come before the parameters
	params  int    // how many parameters there are
	hidden  int    // how many columns come after them
	// first is true where the first column shows the first parameter, and so gives it too.
	first bool
	// unordered is true where rows do not come in the order of the first column.
	unordered bool
	open      func() rows
}

// rows is a run of a table function.
type rows interface {
	// start begins anew with the values of the parameters; nil means not given. After
	// them come the values that the hidden columns must have, which SQLite sees to:
	// it gives arguments that are too many to these. used reports whether the
	// statement reads a column.
	start(args []*sqlite.Value, used func(column int) bool) error
	// next goes to the next row and reports whether there is one. It is called
	// once after start.
	next() (bool, error)
	// column returns the value of a column or parameter.
	column(ctx *sqlite.Context, i int) error
	// rowid is the number of the current row.
	rowid() int64
	close()
}

// Connect implements sqlite.Module.
func (f *tableFunction) Connect(_ *sqlite.Conn, _ []string, declare func(string) error) (_ sqlite.VirtualTable, err error) {
	defer f.report(&err)
	err = c.DB{}.Explain(declare(f.declare))
	if err != nil && !errors.Is(err, c.NoMemory) {
		err = fmt.Errorf("its %d columns cannot be declared: %w; raise SQLITE_LIMIT_COLUMN and SQLITE_LIMIT_SQL_LENGTH of this connection", f.columns+f.params+f.hidden, err)
	}
	return f, err
}

// In IndexNumber, an int of C, the bits for the columns begin behind those for the
// parameters.
const (
	usedBit     = 8
	usedColumns = 16
)

// BestIndex implements sqlite.VirtualTable. Every parameter that is given, and every
// value that a hidden column must have, goes to start; the low bits of IndexNumber
// tell which, the others which columns are read. A parameter that is compared in
// another way would stand at its default, and rows of another schema than meant
// would all be left out.
func (f *tableFunction) BestIndex(in *sqlite.IndexInfoInput) (*sqlite.IndexInfoOutput, error) {
	out := &sqlite.IndexInfoOutput{
		ConstraintUsage: make([]*sqlite.ConstraintUsage, len(in.Constraints)),
		EstimatedCost:   1e6,
		EstimatedRows:   1e4,
		OrderByConsumed: !f.unordered && len(in.OrderBy) == 1 && in.OrderBy[0].ColumnIndex <= 0 && !in.OrderBy[0].Desc,
	}
	given := make(map[int]int) // parameter -> constraint
	for i, constraint := range in.Constraints {
		param, ok := f.parameter(constraint)
		equal := constraint.Op == sqlite.INDEX_CONSTRAINT_EQ || constraint.Op == sqlite.INDEX_CONSTRAINT_IS
		switch hidden := param >= f.params; {
		case !ok, hidden && (!equal || !constraint.Usable):
			continue
		case !equal:
			return nil, c.Say(int(sqlite.SQLITE_MISUSE), f.name+": a parameter is given in parentheses or with =, IS or IN, and is compared in no other way")
		case !constraint.Usable:
			return nil, sqlite.SQLITE_CONSTRAINT
		}
		if out.IndexNumber&(1<<param) == 0 {
			out.IndexNumber |= 1 << param
			given[param] = i
		}
	}
	out.IndexNumber |= int(*in.ColUsed&(1<<usedColumns-1)) << usedBit // any SQLite from 3.10 on has ColUsed
	for param, i := range given {
		before := out.IndexNumber & (1<<param - 1)
		out.ConstraintUsage[i] = &sqlite.ConstraintUsage{ArgvIndex: bits.OnesCount(uint(before)) + 1, Omit: param < f.params}
	}
	return out, nil
}

// parameter is the one that a constraint is on.
func (f *tableFunction) parameter(on *sqlite.IndexConstraint) (i int, ok bool) {
	switch {
	case on.Op == indexLimit, on.Op == indexOffset: // which are on no column
		return 0, false
	case f.first && on.ColumnIndex == 0:
		return 0, true
	}
	return on.ColumnIndex - f.columns, on.ColumnIndex >= f.columns
}

// Constraints that the binding does not name.
const (
	indexLimit  = 73
	indexOffset = 74
)

// Open implements sqlite.VirtualTable.
func (f *tableFunction) Open() (_ sqlite.VirtualCursor, err error) {
	defer f.report(&err)
	return &cursor{f: f, rows: f.open()}, nil
}

// Disconnect implements sqlite.VirtualTable.
func (f *tableFunction) Disconnect() error { return nil }

// Destroy implements sqlite.VirtualTable.
func (f *tableFunction) Destroy() error { return nil }

// report makes an error or a panic of a callback one that SQLite can show.
func (f *tableFunction) report(err *error) {
	if p := recover(); p != nil {
		*err = panicked(p)
	}
	if *err != nil {
		*err = c.Say(codeOf(*err), textOf(f.name, *err))
	}
}
