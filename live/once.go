package live

// Once runs the steps that no call for the connection has run yet, in their
// order, until one fails; the next call begins with that one. It is how the
// extension registers with a connection, and the steps are always the same.
func (cn *Conn) Once(steps ...func() error) error {
	for cn.steps < len(steps) {
		if err := steps[cn.steps](); err != nil {
			return err
		}
		cn.steps++
	}
	return nil
}
