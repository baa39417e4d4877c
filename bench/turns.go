package main

// inTurn runs a and z in turn, n times each, and gives what each took. Every
// second round begins with z (A B, B A, A B, …), so that neither gains from being
// first, and a machine that becomes slower or faster does it to both.
func (b *bench) inTurn(n int, a, z method) (as, zs []usage, err error) {
	for i := range n {
		one, other, err := b.round(i, a, z)
		if err != nil {
			return nil, nil, err
		}
		as, zs = append(as, one), append(zs, other)
	}
	return as, zs, nil
}

// round is one of them; those of odd numbers begin with z.
func (b *bench) round(number int, a, z method) (ofA, ofZ usage, err error) {
	first, second, ofFirst, ofSecond := a, z, &ofA, &ofZ
	if number%2 == 1 {
		first, second, ofFirst, ofSecond = z, a, &ofZ, &ofA
	}
	if *ofFirst, err = b.execute(first); err != nil {
		return ofA, ofZ, err
	}
	*ofSecond, err = b.execute(second)
	return ofA, ofZ, err
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
