package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// TierReport says whether a tier works on this host.
type TierReport struct {
	Tier Tier
	Err  error // nil when it works
}

// probeHarness answers one frame, which shows that a job could run.
const probeHarness = `
import os
def main(fd, data, fds): os.write(fd, b'\x02\x00\x00\x00ok')
`

// Probe tries one tier with a trivial job.
func Probe(ctx context.Context, python Interpreter, tier Tier) error {
	s, err := Start(ctx, Config{Python: python, Tier: tier, Harness: probeHarness})
	if err != nil {
		return err
	}
	defer s.Close()
	p, err := s.Next()
	if err != nil {
		return err
	}
	soon := time.Now().Add(10 * time.Second)
	if err := p.SendFrame(soon, nil); err != nil {
		return &StartError{Tier: tier, Step: "trial job", Err: err}
	}
	b, err := p.Receive(soon)
	if err != nil || string(b) != "ok" {
		if errors.Is(err, io.EOF) {
			err = errors.New("it died")
		}
		u, _ := p.End()
		return &StartError{Tier: tier, Step: "trial job", Err: fmt.Errorf("%v (%+v)", err, u)}
	}
	_, err = p.End()
	return err
}

// Choose returns the tier to use: want itself if it works, or for TierAuto the
// best of full and landlock. It never chooses TierNone.
func Choose(ctx context.Context, python Interpreter, want Tier) (Tier, []TierReport, error) {
	if want != TierAuto && want != "" {
		if want == TierNone {
			return want, nil, nil
		}
		err := Probe(ctx, python, want)
		return want, []TierReport{{want, err}}, err
	}
	var reports []TierReport
	var all []error
	for _, t := range []Tier{TierFull, TierLandlock} {
		err := Probe(ctx, python, t)
		if err != nil && ctx.Err() == nil {
			err = Probe(ctx, python, t) // one that was killed must not cost isolation
		}
		reports = append(reports, TierReport{t, err})
		if err == nil {
			return t, reports, nil
		}
		all = append(all, err)
	}
	return "", reports, fmt.Errorf("no isolation works on this host, so untrusted programs are not run (docs/isolation.md says what to change; --unsafe-no-isolation runs them all the same):\n%w", errors.Join(all...))
}
