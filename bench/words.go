package main

import (
	"math/rand/v2"
	"sort"
	"strings"
)

const (
	vocabulary = 10000   // words
	frequency  = 1 << 16 // places in the table of how often each word comes
)

// A writer of texts as documents have them, for a database that compresses as
// documents do: made-up words, the n-th as often as 1/n says (Zipf's law), in sentences
// of 5 to 24 words. Two writers write the same.
type textWriter struct {
	random *rand.PCG
	words  [frequency]string
}

func newTextWriter() *textWriter {
	w := &textWriter{random: rand.NewPCG(1, 2)}
	list := wordList(rand.New(rand.NewPCG(3, 4)))
	sums := make([]float64, vocabulary) // of 1/n, up to each word
	sum := 0.0
	for i := range sums {
		sum += 1 / float64(i+1)
		sums[i] = sum
	}
	for i := range w.words {
		place := (float64(i) + 0.5) / frequency * sum
		w.words[i] = list[sort.SearchFloat64s(sums, place)]
	}
	return w
}

// wordList makes words of 1 to 5 syllables, no two alike, the short ones first: in a
// language they are the common ones.
func wordList(random *rand.Rand) []string {
	const consonants, vowels, ends = "bcdfghklmnprstvw", "aeiou", "nrstl"
	known := map[string]bool{}
	var list []string
	for len(list) < vocabulary {
		var word strings.Builder
		for range 1 + len(list)*3/vocabulary + random.IntN(3) {
			word.WriteByte(consonants[random.IntN(len(consonants))])
			word.WriteByte(vowels[random.IntN(len(vowels))])
			if random.IntN(3) == 0 {
				word.WriteByte(ends[random.IntN(len(ends))])
			}
		}
		if text := word.String(); !known[text] {
			known[text] = true
			list = append(list, text)
		}
	}
	return list
}

// append adds a text of n words.
func (w *textWriter) append(text []byte, n int) []byte {
	for left := 0; n > 0; n-- {
		bits := w.random.Uint64()
		word := w.words[bits%frequency]
		if left == 0 { // a sentence begins
			left = 5 + int(bits>>16%20)
			text = append(text, word[0]-'a'+'A')
			word = word[1:]
		}
		text = append(text, word...)
		if left--; left == 0 || n == 1 {
			text = append(text, '.')
		}
		text = append(text, ' ')
	}
	return text[:len(text)-1]
}

// between gives a number from least to most.
func (w *textWriter) between(least, most int) int {
	return least + int(w.random.Uint64()%uint64(most-least+1))
}
