package main

import (
	"regexp"
	"strings"
	"testing"
)

func TestTexts(t *testing.T) {
	const words = 200000
	w := newTextWriter()
	text := string(w.append(nil, words))
	if again := string(newTextWriter().append(nil, words)); again != text {
		t.Error("two writers wrote different texts")
	}
	if next := string(w.append(nil, words)); next == text {
		t.Error("one writer wrote the same text twice")
	}
	if got := len(strings.Fields(text)); got != words {
		t.Errorf("a text has %d words, want %d", got, words)
	}
	form := regexp.MustCompile(`^[A-Z][a-z]+( [a-z]+){4,23}$`)
	sentences := strings.Split(strings.TrimSuffix(text, "."), ". ")
	for _, sentence := range sentences[:len(sentences)-1] { // the last may be cut short
		if !form.MatchString(sentence) {
			t.Fatalf("a sentence is %q, want %s", sentence, form)
		}
	}
}

// The first word comes ten times as often as the tenth, and nearly every word comes.
func TestZipf(t *testing.T) {
	places := map[string]int{}
	var order []string // the common words first
	for _, word := range newTextWriter().words {
		if places[word]++; places[word] == 1 {
			order = append(order, word)
		}
	}
	if got := float64(places[order[0]]) / float64(places[order[9]]); got < 9.9 || got > 10.1 {
		t.Errorf("the first word comes %.2f times as often as the tenth, want 10", got)
	}
	if len(order) < vocabulary*9/10 || len(order) > vocabulary {
		t.Errorf("%d words come, want nearly all of %d", len(order), vocabulary)
	}
}
