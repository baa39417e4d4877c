package snapshot_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No goroutine of the package may outlive the call or the object that started it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
