//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import "os"

// tryLock has no lock to offer here: two processes with one --out are the user's to avoid.
func tryLock(*os.File) (bool, error) { return true, nil }

// syncDir has nothing to do where folders cannot be synced.
func syncDir(string) error { return nil }

// isFull cannot tell a full disk here.
func isFull(error) bool { return false }
