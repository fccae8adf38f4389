package simd

import (
	"syscall"

	"golang.org/x/sys/cpu"
)

// haveTiles reports whether the processor has tiles of bfloat16 and the kernel lets this process use
// them: it has to be asked once (Linux 5.16), because a thread's state grows by 8 KiB.
func haveTiles() bool {
	if !cpu.X86.HasAMXTile || !cpu.X86.HasAMXBF16 {
		return false
	}
	const archReqXcompPerm, tileData = 0x1023, 18
	_, _, err := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, archReqXcompPerm, tileData, 0)
	return err == 0
}
