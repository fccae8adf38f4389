package sandbox

import (
	"time"

	"golang.org/x/sys/unix"
)

// Prompt makes Receive and Send wait in the kernel for up to d before they park their
// goroutine. For a peer that answers within microseconds, over and over, this takes half
// the processor time; meanwhile it keeps a thread.
func (p *Process) Prompt(d time.Duration) error {
	raw, err := p.conn.SyscallConn()
	if err != nil {
		return err
	}
	tv := unix.NsecToTimeval(d.Nanoseconds())
	var fail error
	err = raw.Control(func(fd uintptr) {
		for _, option := range []int{unix.SO_RCVTIMEO, unix.SO_SNDTIMEO} {
			if fail = unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, option, &tv); fail != nil {
				return
			}
		}
		// What times out gives EAGAIN, as on a descriptor that does not block: then the
		// goroutine is parked until its deadline.
		fail = unix.SetNonblock(int(fd), false)
	})
	if err != nil {
		return err
	}
	return fail
}
