package snapshot

import (
	"runtime"
	"sync"
)

// A pool runs jobs on several goroutines: as many as Go may run at the same
// time, eight at most. Hashing is what they are for, and eight hash faster than
// SQLite hands out or takes. A pool is for one goroutine; close ends it.
type pool struct {
	jobs    chan *job
	running sync.WaitGroup
}

// A job is work for a pool. wait returns when it is done, or panics as it did.
type job struct {
	do     func()
	done   sync.WaitGroup
	raised any
}

const maxWorkers = 8

// workers is how many goroutines a pool has.
func workers() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

func newPool() *pool {
	n := workers()
	p := &pool{jobs: make(chan *job, 2*n)}
	for range n {
		p.running.Go(func() {
			for j := range p.jobs {
				j.run()
			}
		})
	}
	return p
}

// start gives a job to the pool.
func (p *pool) start(j *job) {
	j.done.Add(1)
	p.jobs <- j
}

// run keeps a panic for wait: here it would end the process, because no caller
// could recover from it.
func (j *job) run() {
	defer j.done.Done()
	defer func() { j.raised = recover() }()
	j.do()
}

func (j *job) wait() {
	j.done.Wait()
	if j.raised != nil {
		panic(j.raised)
	}
}

// close returns when every job is done and every goroutine has ended.
func (p *pool) close() {
	close(p.jobs)
	p.running.Wait()
}
