package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// FuzzReceive: whatever bytes a child sends, in whatever pieces, Receive returns
// the frames they hold, then says how they end.
func FuzzReceive(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00ok\x00\x00\x00\x00\x01\x00\x00\x00x"), byte(3))
	f.Add([]byte("\xff\xff\xff\xff"), byte(0))
	f.Add([]byte("\x05\x00\x00\x00ab"), byte(1))
	f.Fuzz(func(t *testing.T, sent []byte, piece byte) {
		const most = 4096
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		near, far := os.NewFile(uintptr(pair[0]), "near"), os.NewFile(uintptr(pair[1]), "far")
		defer near.Close()
		go func() {
			defer far.Close()
			for rest := sent; len(rest) > 0; {
				n := min(len(rest), 1+int(piece))
				if _, err := far.Write(rest[:n]); err != nil {
					return // the receiver has seen enough
				}
				rest = rest[n:]
			}
		}()
		p := &Process{s: &Sandbox{cfg: Config{MaxFrame: most}}, conn: near}
		rest := sent
		for {
			got, err := p.Receive(time.Now().Add(time.Minute))
			if len(rest) >= 4 && binary.LittleEndian.Uint32(rest) > most {
				if !errors.Is(err, ErrFrame) {
					t.Fatalf("a frame of %d bytes: %v", binary.LittleEndian.Uint32(rest), err)
				}
				return
			}
			if len(rest) < 4 || len(rest) < 4+int(binary.LittleEndian.Uint32(rest)) {
				if err != io.EOF || !p.eof {
					t.Fatalf("after the last whole frame: %q, %v", got, err)
				}
				return
			}
			n := 4 + int(binary.LittleEndian.Uint32(rest))
			if err != nil || !bytes.Equal(got, rest[4:n]) {
				t.Fatalf("got %q, %v, want %q", got, err, rest[4:n])
			}
			rest = rest[n:]
		}
	})
}

// FuzzControl: what comes over the control socket instead of the zygote's
// messages makes errors, no waiting child and no crash.
func FuzzControl(f *testing.F) {
	f.Add([]byte(`{"ready":true}`))
	f.Add([]byte(`{"status":9,"cpu":0.5,"rss":9000,"faults":3,"extra":0,"dirty":1,"gone":1}`))
	f.Add([]byte(`{"error":"OSError: fork"}`))
	f.Add([]byte(`{"status":-1,"cpu":1e999}`))
	f.Fuzz(func(t *testing.T, sent []byte) {
		if len(sent) == 0 || len(sent) > 8192 {
			return
		}
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		s := &Sandbox{ctl: os.NewFile(uintptr(pair[0]), "control")}
		defer s.ctl.Close()
		defer unix.Close(pair[1])
		if err := unix.Sendmsg(pair[1], sent, nil, nil, 0); err != nil {
			t.Fatal(err)
		}
		m, err := s.nextChild("stop", time.Now().Add(time.Minute))
		if (s.standby != nil) != (err == nil) || err == nil && m.Error != "" {
			t.Fatalf("%+v, %v, channel %v", m, err, s.standby)
		}
		if s.standby != nil {
			s.standby.Close()
		}
	})
}

// FuzzDecide: of the calls that are reported, nothing goes on but the zygote's
// forks and mounts and a job's threads; everything else is refused and remembered.
func FuzzDecide(f *testing.F) {
	f.Add(int32(41), uint32(100), uint64(2))
	f.Add(cloneNR, uint32(100), uint64(unix.CLONE_THREAD))
	f.Add(cloneNR, uint32(7), uint64(17))
	f.Add(mountNR, uint32(7), uint64(17))
	f.Add(mountNR, uint32(100), uint64(17))
	f.Add(umountNR, uint32(7), uint64(17))
	f.Fuzz(func(t *testing.T, nr int32, pid uint32, arg uint64) {
		s := &Sandbox{cfg: Config{Threads: 2}, cmd: &exec.Cmd{Process: &os.Process{Pid: 7}}}
		for range 4 {
			resp := s.decide(&seccompNotif{ID: 5, NR: nr, PID: pid, Args: [6]uint64{arg}})
			goesOn := resp.Flags == continueFlag
			own, thread := (nr == cloneNR || nr == mountNR || nr == umountNR) && pid == 7, nr == cloneNR && arg&unix.CLONE_THREAD != 0
			switch {
			case resp.ID != 5 || resp.Value != 0 || goesOn == (resp.Error != 0):
				t.Fatalf("%+v", resp)
			case goesOn && !own && !thread:
				t.Fatalf("call %d(%#x) of %d goes on", nr, arg, pid)
			case !goesOn && !thread && s.forbidden.Load() != int64(nr)+1:
				t.Fatalf("call %d is remembered as %d", nr, s.forbidden.Load()-1)
			case !goesOn && thread && s.forbidden.Load() != 0:
				t.Fatal("a thread too many is no refused call")
			}
		}
	})
}
