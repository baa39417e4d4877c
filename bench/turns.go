package main

// inTurn runs a and z in turn, n times each, and gives what each took. Every
// second round begins with z (A B, B A, A B, …), so that neither gains from being
// first, and a machine that becomes slower or faster does it to both.
func (b *bench) inTurn(n int, a, z method) (as, zs []usage, err error) {
	for round := range n {
		for turn := range 2 {
			m, used := a, &as
			if aFirst := round%2 == 0; aFirst != (turn == 0) {
				m, used = z, &zs
			}
			one, err := b.execute(m)
			if err != nil {
				return nil, nil, err
			}
			*used = append(*used, one)
		}
	}
	return as, zs, nil
}

// ratio is the median of the rounds' ratios of seconds.
func ratio(as, zs []usage) float64 {
	var ratios []float64
	for i := range as {
		ratios = append(ratios, as[i].seconds/zs[i].seconds)
	}
	return median(ratios)
}

// rounds says how often a method takes turns with its peer: a method that no goal
// speaks of about half as often as the others.
func (b *bench) rounds(m method) int {
	if m.minor {
		return (b.runs + 1) / 2
	}
	return b.runs
}
