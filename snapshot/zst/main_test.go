package zst_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine of the package may outlive the Close of what started it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
