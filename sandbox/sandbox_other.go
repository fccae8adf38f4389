//go:build !linux

package sandbox

import (
	"context"
	"os"
	"time"
)

// Sandbox exists on Linux only; see [ErrUnsupported].
type Sandbox struct{}

// Process exists on Linux only.
type Process struct{}

// Start returns ErrUnsupported.
func Start(context.Context, Config) (*Sandbox, error) { return nil, ErrUnsupported }

// Next returns ErrUnsupported.
func (*Sandbox) Next() (*Process, error) { return nil, ErrUnsupported }

// Close does nothing.
func (*Sandbox) Close() error { return nil }

// Kill does nothing.
func (*Sandbox) Kill() {}

// PID returns 0.
func (*Sandbox) PID() int { return 0 }

// Send returns ErrUnsupported.
func (*Process) Send(time.Time, []byte, ...*os.File) error { return ErrUnsupported }

// SendFrame returns ErrUnsupported.
func (*Process) SendFrame(time.Time, []byte, ...*os.File) error { return ErrUnsupported }

// Receive returns ErrUnsupported.
func (*Process) Receive(time.Time) ([]byte, error) { return nil, ErrUnsupported }

// Clock returns false.
func (*Process) Clock() (cpu, waited time.Duration, ok bool) { return 0, 0, false }

// Again returns false.
func (*Process) Again() (used time.Duration, ok bool) { return 0, false }

// Started returns the zero time.
func (*Process) Started() time.Time { return time.Time{} }

// End returns ErrUnsupported.
func (*Process) End() (Usage, error) { return Usage{}, ErrUnsupported }

// MemFile returns ErrUnsupported.
func MemFile(string, []byte) (*os.File, error) { return nil, ErrUnsupported }

// Prompt returns ErrUnsupported.
func (*Process) Prompt(time.Duration) error { return ErrUnsupported }
