// Package pool runs jobs on a few goroutines that end with it: hashing, compressing
// and writing for one stream of bytes. It imports nothing of ours.
package pool

import (
	"runtime"
	"sync"
)

// A Pool runs jobs on several goroutines: as many as Go may run at the same
// time, eight at most. Hashing is what they are for, and eight hash faster than
// SQLite hands out or takes. A Pool is for one goroutine; Close ends it.
type Pool struct {
	jobs    chan *Job
	running sync.WaitGroup
}

// A Job is work for a Pool. Wait returns when it is done, or panics as it did. It
// can be started again then.
type Job struct {
	Do     func()
	done   sync.WaitGroup
	raised any
}

const maxWorkers = 8

// Workers is how many goroutines a Pool has.
func Workers() int { return min(runtime.GOMAXPROCS(0), maxWorkers) }

// New starts the goroutines.
func New() *Pool {
	n := Workers()
	p := &Pool{jobs: make(chan *Job, 2*n)}
	for range n {
		p.running.Go(func() {
			for j := range p.jobs {
				j.run()
			}
		})
	}
	return p
}

// Start gives a job to the pool.
func (p *Pool) Start(j *Job) {
	j.done.Add(1)
	p.jobs <- j
}

// run keeps a panic for Wait: here it would end the process, because no caller
// could recover from it.
func (j *Job) run() {
	defer j.done.Done()
	defer func() { j.raised = recover() }()
	j.Do()
}

// Wait waits for the job, if it was started.
func (j *Job) Wait() {
	j.Done()
	if j.raised != nil {
		panic(j.raised)
	}
}

// Done is Wait that passes a panic over.
func (j *Job) Done() { j.done.Wait() }

// Close returns when every job is done and every goroutine has ended.
func (p *Pool) Close() {
	close(p.jobs)
	p.running.Wait()
}
