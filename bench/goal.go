package main

import (
	"math"
	"strconv"
	"strings"
)

// A goal is one figure that vxsnap must reach: from least to most.
type goal struct {
	what        string
	least, most float64
	unit        string
	got         figure
}

// A figure is what was measured, or why a goal is not judged by it.
type figure struct {
	value     float64
	notJudged string
}

func atMost(what string, most float64, unit string, got figure) goal {
	return goal{what, math.Inf(-1), most, unit, got}
}

func atLeast(what string, least float64, unit string, got figure) goal {
	return goal{what, least, math.Inf(1), unit, got}
}

func between(what string, least, most float64, unit string, got figure) goal {
	return goal{what, least, most, unit, got}
}

// limit is what must be reached, in words.
func (g goal) limit() string {
	switch {
	case math.IsInf(g.least, -1):
		return "≤ " + g.text(g.most, -1)
	case math.IsInf(g.most, 1):
		return "≥ " + g.text(g.least, -1)
	default:
		return g.text(g.least, -1) + " to " + g.text(g.most, -1)
	}
}

// measured is the figure, in words; where there is none, nothing.
func (g goal) measured() string {
	if math.IsNaN(g.got.value) {
		return ""
	}
	digits := 3
	switch {
	case g.got.value == 0:
		digits = 0
	case g.got.value >= 10:
		digits = 1
	}
	return g.text(g.got.value, digits)
}

func (g goal) text(value float64, digits int) string {
	return strings.TrimSpace(strconv.FormatFloat(value, 'f', digits, 64) + " " + g.unit)
}

// verdict is pass or MISS, or why there is none.
func (g goal) verdict() string {
	switch {
	case g.got.notJudged != "":
		return "not judged: " + g.got.notJudged
	case g.got.value >= g.least && g.got.value <= g.most:
		return "pass"
	default:
		return "MISS"
	}
}
