package main

import "slices"

// median of a sample that is not empty: the middle, or between the two in the middle.
func median[T int64 | float64](sample []T) T {
	sorted := slices.Sorted(slices.Values(sample))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
