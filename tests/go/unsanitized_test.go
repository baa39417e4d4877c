//go:build !race && !asan

package vxsnap_test

const sanitized = false
