//go:build !linux

package store

import "errors"

// exchange is what only Linux has.
func exchange(a, b string) error { return errors.ErrUnsupported }
