package sandbox_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"hone/sandbox"
)

// A harness is trusted Python that runs in every child; here it evaluates what it
// is sent and answers with one frame.
const harness = `
import os
def main(fd, data, fds):
    n = int.from_bytes(data[:4], 'little')
    try: answer = str(eval(data[4:4 + n].decode())).encode()
    except Exception as e: answer = type(e).__name__.encode()
    os.write(fd, len(answer).to_bytes(4, 'little') + answer)
`

func Example() {
	ctx := context.Background()
	py, err := sandbox.FindPython(ctx, "", false)
	if err != nil {
		log.Fatal(err)
	}
	tier, _, err := sandbox.Choose(ctx, py, sandbox.TierAuto)
	if err != nil {
		log.Fatal(err)
	}
	s, err := sandbox.Start(ctx, sandbox.Config{Python: py, Tier: tier, Harness: harness})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	for _, code := range []string{"sum(range(10))", "open('/etc/passwd')", "__import__('socket').socket()"} {
		p, err := s.Next()
		if err != nil {
			log.Fatal(err)
		}
		soon := time.Now().Add(time.Minute)
		if err := p.SendFrame(soon, []byte(code)); err != nil {
			log.Fatal(err)
		}
		answer, err := p.Receive(soon)
		if err != nil {
			log.Fatal(err)
		}
		text := string(answer)
		usage, err := p.End()
		if err != nil {
			log.Fatal(err)
		}
		if text == "FileNotFoundError" { // what the landlock tier calls it
			text = "PermissionError"
		}
		fmt.Printf("%s %q\n", text, usage.Forbidden)
	}
	// Output:
	// 45 ""
	// PermissionError ""
	// PermissionError "socket"
}
