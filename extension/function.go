package extension

import (
	"go.riyazali.net/sqlite"

	"github.com/vxsnap/vxsnap/c"
)

// A scalar is an SQL function of so many arguments; -1 leaves it to call to count
// them.
type scalar struct {
	name string
	args int
	call func(ctx *sqlite.Context, args []sqlite.Value) error
}

// Deterministic implements sqlite.Function.
func (*scalar) Deterministic() bool { return false }

// Args implements sqlite.Function.
func (f *scalar) Args() int { return f.args }

// Apply implements sqlite.ScalarFunction.
func (f *scalar) Apply(ctx *sqlite.Context, args ...sqlite.Value) {
	fail(ctx, f.name, func() error { return f.call(ctx, args) })
}

// An aggregate is an SQL aggregate function. Each run of it gets a value of
// its own.
type aggregate struct {
	name string
	args int
	make func() accumulator
}

// An accumulator is one run of an aggregate function.
type accumulator interface {
	step(args []sqlite.Value) error
	final(ctx *sqlite.Context) error
	close()
}

// Deterministic implements sqlite.Function.
func (*aggregate) Deterministic() bool { return false }

// Args implements sqlite.Function.
func (f *aggregate) Args() int { return f.args }

// Step implements sqlite.AggregateFunction.
func (f *aggregate) Step(ctx *sqlite.AggregateContext, args ...sqlite.Value) {
	fail(ctx.Context, f.name, func() error {
		run, ok := ctx.Data().(accumulator)
		if !ok {
			run = f.make()
			ctx.SetData(run)
		}
		return run.step(args)
	})
}

// Final implements sqlite.AggregateFunction. SQLite calls it also when the
// statement was aborted; the result is ignored then.
func (f *aggregate) Final(ctx *sqlite.AggregateContext) {
	fail(ctx.Context, f.name, func() error {
		run, ok := ctx.Data().(accumulator)
		if !ok {
			run = f.make()
		}
		defer run.close()
		return run.final(ctx.Context)
	})
}

// fail makes an error or a panic of call the result of an SQL function.
func fail(ctx *sqlite.Context, name string, call func() error) {
	err := func() (err error) {
		defer recovered(&err)
		return call()
	}()
	if err != nil {
		c.ResultError(ctx, codeOf(err), textOf(name, err))
	}
}
