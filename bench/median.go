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

// medianOf measures n times, which is not 0.
func medianOf(n int, measure func() (float64, error)) (float64, error) {
	var sample []float64
	for range n {
		one, err := measure()
		if err != nil {
			return 0, err
		}
		sample = append(sample, one)
	}
	return median(sample), nil
}
