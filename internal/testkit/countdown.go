package testkit

import (
	"context"
	"sync/atomic"
)

// A Countdown is a context that is done when it was asked so many times.
type Countdown struct {
	context.Context
	Left atomic.Int64
}

// Err implements context.Context.
func (c *Countdown) Err() error {
	if c.Left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}
