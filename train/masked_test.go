package train

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"hone/tensor/cpu"
)

// TestMaskedLengths: at every length the same tokens are hidden, so that a model that looks at no other
// token has the same loss, and one that looks has not.
func TestMaskedLengths(t *testing.T) {
	l := newLab(t)
	for i := range 60 {
		l.write(fmt.Sprintf("src/q%d/m.py", i), strings.Repeat(fmt.Sprintf("def f%d(a, b):\n    return a[%d] * b\n\n\n", i, i*i), 3))
	}
	const sets = "corpus.split.validation=0.6"
	dev := cpu.New(1)
	defer dev.Close()
	at := func(name, m string, length int) MaskedScore {
		t.Helper()
		if _, err := l.run(l.job(withModel(mlmRecipe, m), sets), name, nil); err != nil {
			t.Fatal(err)
		}
		r, err := l.recipe(mlmRecipe, sets)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Masked(context.Background(), dev, r, l.path(name+"/model"), length, 4096, OpenOptions{Cache: l.path("cache")})
		if err != nil {
			t.Fatal(err)
		}
		if s.Tokens != 4096 || s.Length != length || s.Positions < length || !(s.Accuracy >= 0 && s.Accuracy <= 1) {
			t.Errorf("%s: %+v", name, s)
		}
		return s
	}
	const blind, sees = `{architecture: hone-s4d, layers: 1, width: 16, encoder: {block: dsc, taps: 1}}`, `{architecture: hone-bigs, layers: 2, width: 16, init_std: 0.3, encoder: {ssm: {states: 8}}}`
	short, long := at("blind", blind, 32), at("blind", blind, 256)
	if math.Abs(short.Loss-long.Loss) > 1e-5 || short.Accuracy != long.Accuracy || long.Drawn != 0 {
		t.Errorf("a model that sees no other token has %+v and %+v", short, long)
	}
	if short, long = at("sees", sees, 32), at("sees", sees, 256); math.Abs(short.Loss-long.Loss) < 1e-5 || long.Aliased == 0 {
		t.Errorf("a model that sees others has %+v and %+v", short, long)
	}
	if s := at("learned", encoders["encoder learned"], 64); s.Drawn != 32 {
		t.Errorf("%d positions were drawn, not 32", s.Drawn)
	}
	r, _ := l.recipe(mlmRecipe)
	for _, c := range []struct {
		length int
		want   string
	}{{0, "not between 1 and 4096"}, {32, "tokens, 4096 are needed"}} {
		if _, err := Masked(context.Background(), dev, r, l.path("sees/model"), c.length, 4096, OpenOptions{Cache: l.path("cache")}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("the error is %v, it should say %q", err, c.want)
		}
	}
}
