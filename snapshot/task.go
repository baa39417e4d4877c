package snapshot

// A task runs on a goroutine of its own. A panic there would end the process,
// because no caller can recover from it; wait raises it on the caller's goroutine.
type task struct {
	done   chan struct{}
	raised any
}

func start(do func()) *task {
	t := &task{done: make(chan struct{})}
	go func() {
		defer close(t.done)
		defer func() { t.raised = recover() }()
		do()
	}()
	return t
}

// wait returns when the task has ended, or panics as it did.
func (t *task) wait() {
	<-t.done
	if t.raised != nil {
		panic(t.raised)
	}
}
