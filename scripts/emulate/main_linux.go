// Emulate is the first and only program of the machine that scripts/emulate-avx512.sh
// emulates: it runs one test binary, writes what that prints to the second serial port
// (the first belongs to the kernel's messages), and ends the machine. Its last
// line, "emulate: status N", tells the script what the test returned.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// What the script packs beside this program.
const (
	argsFile = "/emulate/args" // one a line: the working directory, the binary, its flags
	envFile  = "/emulate/env"  // NAME=value, one a line
	output   = "/dev/ttyS1"
)

func main() {
	if os.Getpid() != 1 { // it would restart the machine that it runs on
		fmt.Fprintln(os.Stderr, "emulate: only of use inside scripts/emulate-avx512.sh")
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "emulate:", err)
	}
	syscall.Sync()
	fmt.Fprintln(os.Stderr, "emulate: cannot end the machine:", syscall.Reboot(syscall.LINUX_REBOOT_CMD_RESTART))
}

// run mounts what Go programs expect, runs the test and writes its status.
func run() error {
	for _, fs := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}} {
		if err := syscall.Mount(fs[0], fs[1], fs[0], 0, ""); err != nil {
			return fmt.Errorf("mounting %s: %w", fs[1], err)
		}
	}
	tty, err := os.OpenFile(output, os.O_WRONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer tty.Close() // waits until the port has sent everything

	args, err := lines(argsFile)
	if err != nil {
		return err
	}
	env, err := lines(envFile)
	if err != nil {
		return err
	}
	test := exec.Command(args[1], args[2:]...)
	test.Dir, test.Env, test.Stdout, test.Stderr = args[0], env, tty, tty
	err = test.Run()
	status := test.ProcessState.ExitCode() // -1 when it did not start or a signal ended it
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || status < 0) {
		fmt.Fprintln(tty, "emulate:", err)
	}
	_, err = fmt.Fprintln(tty, "emulate: status", status)
	return err
}

func lines(name string) ([]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n"), nil
}
