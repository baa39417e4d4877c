package main

import (
	"math"
	"testing"
)

func TestGoal(t *testing.T) {
	for _, test := range []struct {
		goal                     goal
		limit, measured, verdict string
	}{
		{atMost("m", 0.62, "", figure{value: 0.5}), "≤ 0.62", "0.500", "pass"},
		{atMost("m", 0.62, "", figure{value: 0.621}), "≤ 0.62", "0.621", "MISS"},
		{atMost("m", 15, "ms", figure{value: 1260.4}), "≤ 15 ms", "1260.4 ms", "MISS"},
		{atMost("m", 15, "ms", figure{value: 15.04}), "≤ 15 ms", "15.0 ms", "MISS"},
		{atMost("m", 0, "bytes", figure{}), "≤ 0 bytes", "0 bytes", "pass"},
		{atLeast("m", 2.5, "", figure{value: 2.49}), "≥ 2.5", "2.490", "MISS"},
		{atLeast("m", 2.5, "", figure{value: 7}), "≥ 2.5", "7.000", "pass"},
		{between("m", 0.85, 1.15, "", figure{value: 0.8}), "0.85 to 1.15", "0.800", "MISS"},
		{between("m", 0.85, 1.15, "", figure{value: 1}), "0.85 to 1.15", "1.000", "pass"},
		{between("m", 0.85, 1.15, "", figure{value: 1, notJudged: "too small"}), "0.85 to 1.15", "1.000", "not judged: too small"},
		{atMost("m", 1, "", figure{math.NaN(), "no disk"}), "≤ 1", "", "not judged: no disk"},
	} {
		g := test.goal
		if g.limit() != test.limit || g.measured() != test.measured || g.verdict() != test.verdict {
			t.Errorf("%q %q %q, want %q %q %q", g.limit(), g.measured(), g.verdict(), test.limit, test.measured, test.verdict)
		}
	}
}
