//go:build race || asan

package vxsnap_test

// sanitized: memory that was freed is kept by the sanitizer for a while.
const sanitized = true
