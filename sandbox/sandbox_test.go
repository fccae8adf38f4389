package sandbox

import (
	"context"
	"testing"
	"time"
)

func testPython(t testing.TB) Interpreter {
	t.Helper()
	py, err := FindPython(context.Background(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	return py
}

func TestProbe(t *testing.T) {
	py := testPython(t)
	for _, tier := range Tiers {
		t0 := time.Now()
		if err := Probe(t.Context(), py, tier); err != nil {
			t.Errorf("%s: %v", tier, err)
		}
		t.Log(tier, time.Since(t0))
	}
}
