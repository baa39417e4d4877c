package main

import "time"

const (
	forgetSegment  = 2 << 20 // bytes that come and go together
	forgetInterval = 5 * time.Millisecond
)

// forget does to one file what a memory does that cannot hold it: until stop, it
// keeps at most some bytes of it in the page cache, those that came in last. It
// needs no privilege, and leaves everybody else's memory alone.
//
// A segment counts as in memory from its first page on, because whoever reads a
// file reads segments from their start.
func (c *cachedFile) forget(keep int, stop <-chan struct{}) error {
	var order []int // where the segments in memory begin, the oldest first
	held := map[int]bool{}
	for {
		select {
		case <-stop:
			return nil
		case <-time.After(forgetInterval):
		}
		for from := 0; from < len(c.data); from += forgetSegment {
			if held[from] {
				continue
			}
			pages, err := c.cached(from, min(from+1, len(c.data)))
			if err != nil {
				return err
			}
			if pages > 0 {
				order, held[from] = append(order, from), true
			}
		}
		for len(order)*forgetSegment > keep {
			from := order[0]
			if err := c.drop(from, min(from+forgetSegment, len(c.data))); err != nil {
				return err
			}
			order = order[1:]
			delete(held, from)
		}
	}
}
