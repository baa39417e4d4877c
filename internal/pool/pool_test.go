package pool_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/vxsnap/vxsnap/internal/pool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// raised is what do panics with, or nil.
func raised(do func()) (p any) {
	defer func() { p = recover() }()
	do()
	return nil
}

// What panics on a goroutine of the pool does so where somebody waits for it.
func TestPanics(t *testing.T) {
	p := pool.New()
	defer p.Close()
	jobs := make([]pool.Job, 20)
	for i := range jobs {
		jobs[i].Do = func() { panic("boom") }
		p.Start(&jobs[i])
	}
	for i := range jobs {
		if got := raised(jobs[i].Wait); got != "boom" {
			t.Errorf("got %v, want the panic of the job", got)
		}
	}
}

// Close returns when every job is done, and a job can be started again.
func TestCloseWaits(t *testing.T) {
	p := pool.New()
	var done [100]int
	jobs := make([]pool.Job, len(done))
	for round := range 2 {
		for i := range jobs {
			jobs[i].Do = func() { done[i]++ }
			p.Start(&jobs[i])
		}
		if round == 0 {
			for i := range jobs {
				jobs[i].Wait()
			}
		}
	}
	p.Close()
	for i, n := range done {
		if n != 2 {
			t.Errorf("job %d was done %d times, want 2", i, n)
		}
	}
}
