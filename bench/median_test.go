package main

import "testing"

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		sample []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{4, 1}, 2.5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{1, 100, 2, 3}, 2.5},
	} {
		if got := median(test.sample); got != test.want {
			t.Errorf("median of %v is %v, want %v", test.sample, got, test.want)
		}
	}
}
