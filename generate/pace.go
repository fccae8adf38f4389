package generate

import (
	"context"
	"sync"
	"time"
)

// pace spaces out something that may happen so often a minute. The zero value does not limit.
type pace struct {
	per time.Duration // between two units; 0: no limit

	mu   sync.Mutex
	next time.Time // when the next unit is free
}

func newPace(perMinute int) *pace {
	p := &pace{}
	if perMinute > 0 {
		p.per = time.Minute / time.Duration(perMinute)
	}
	return p
}

// take waits until units are free and takes them. Like a purse that may be
// overdrawn once: a request larger than a minute's worth goes through, and those after it wait.
func (p *pace) take(ctx context.Context, units int) error {
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	at := p.next
	p.next = at.Add(time.Duration(units) * p.per)
	p.mu.Unlock()
	if err := sleep(ctx, at.Sub(now)); err != nil {
		p.correct(units)
		return err
	}
	return nil
}

// correct gives back units that were taken and not used, or takes more where it is negative.
func (p *pace) correct(units int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = p.next.Add(-time.Duration(units) * p.per)
}

// hold lets nothing through for d from now.
func (p *pace) hold(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(d); until.After(p.next) {
		p.next = until
	}
}

// sleep waits, or returns ctx's error when that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
