// Command samples looks at what a model trained on source code writes: how much of it
// is valid Python that does something, and how much is repeated or copied.
//
//	hone train recipes/clm-tiny.yaml
//	go run ./bench/samples -run runs/clm-tiny > bench/SAMPLES.md
//
// It draws completions of nothing, parses them with CPython, and looks for runs of
// tokens that the training documents have too.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"hone/corpus"
	"hone/generate"
	"hone/judge"
	"hone/recipe"
	"hone/token"
	"hone/train"
)

// The bounds of the claim.
const (
	minTokens     = 64 // shorter samples are not counted
	minStatements = 3
	run           = 50 // tokens in a row that are a copy
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("samples: ")
	dir := flag.String("run", "runs/clm-tiny", "run folder")
	n := flag.Int("n", 1000, "samples to draw")
	temperature := flag.Float64("temperature", .7, "sampling temperature")
	topP := flag.Float64("top-p", .95, "share of the likeliest tokens that is kept")
	maxTokens := flag.Int("max-tokens", 400, "longest sample")
	seed := flag.Uint64("seed", 1, "seed")
	show := flag.Int("show", 6, "samples to print")
	flag.Parse()
	if err := report(context.Background(), *dir, *show, generate.Request{
		N: *n, MaxTokens: *maxTokens, Temperature: *temperature, TopP: *topP, Seed: *seed,
	}); err != nil {
		log.Fatal(err)
	}
}

func report(ctx context.Context, dir string, show int, r generate.Request) error {
	raw, err := os.ReadFile(filepath.Join(dir, "recipe.yaml"))
	if err != nil {
		return err
	}
	rec := train.DefaultRecipe()
	if err := recipe.Parse(raw, "recipe.yaml", &rec); err != nil {
		return err
	}
	path := filepath.Join(dir, "model")
	tok, err := token.Load(path)
	if err != nil {
		return err
	}
	l, err := generate.OpenLocal(path, generate.LocalOptions{})
	if err != nil {
		return err
	}
	defer l.Close()
	cs, err := l.Generate(ctx, r)
	if err != nil {
		return err
	}
	var texts []string
	var tokens [][]int32
	cut := 0
	for _, c := range cs {
		if ids := tok.Encode(c.Text); len(ids) >= minTokens {
			texts, tokens = append(texts, c.Text), append(tokens, ids)
			if c.Finish == generate.FinishLength {
				cut++
			}
		}
	}
	statements, err := parse(ctx, texts)
	if err != nil {
		return err
	}
	copied, documents, err := overlaps(ctx, rec.Corpus, tok, tokens)
	if err != nil {
		return err
	}
	valid, repeated := 0, 0
	seen := map[string]bool{}
	for i, s := range texts {
		if statements[i] >= minStatements {
			valid++
		}
		if seen[s] || copied[i] {
			repeated++
		}
		seen[s] = true
	}
	share := func(k int) string {
		w := judge.Wilson(k, len(texts))
		return fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*w.Mean, 100*w.Lo, 100*w.Hi)
	}
	fmt.Printf("# What %s writes\n\n", rec.Name)
	fmt.Printf("`go run ./bench/samples -run %s`: %d completions of nothing, temperature %v, top-p %v, at most %d tokens, seed %d.\n\n",
		dir, r.N, r.Temperature, r.TopP, r.MaxTokens, r.Seed)
	fmt.Printf("| of the %d samples with at least %d tokens | share, 95 %% interval (Wilson) |\n|---|---|\n", len(texts), minTokens)
	fmt.Printf("| valid Python with at least %d statements (docstrings not counted) | %s |\n", minStatements, share(valid))
	fmt.Printf("| equal to an earlier sample, or with %d tokens in a row that one of %d training documents has | %s |\n", run, documents, share(repeated))
	fmt.Printf("| cut at the limit | %s |\n", share(cut))
	for i := range min(show, len(texts)) {
		fmt.Printf("\nSample %d, %d statements:\n\n```python\n%s\n```\n", i+1, statements[i], strings.TrimRight(texts[i], "\n"))
	}
	return nil
}

// counter prints, for every text of a JSON list, the number of statements other than
// docstrings, or -1 where it is no valid Python. Nothing is run.
const counter = `
import ast, json, sys, warnings
warnings.simplefilter("ignore")
out = []
for text in json.load(sys.stdin):
    try:
        tree = ast.parse(text)
        compile(tree, "sample", "exec", dont_inherit=True)  # two arguments of one name, return outside a function
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        out.append(-1)
        continue
    doc = lambda n: isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) and isinstance(n.value.value, str)
    out.append(sum(isinstance(n, ast.stmt) and not doc(n) for n in ast.walk(tree)))
json.dump(out, sys.stdout)
`

func parse(ctx context.Context, texts []string) ([]int, error) {
	in, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, "python3", "-I", "-c", counter)
	c.Stdin, c.Stderr = bytes.NewReader(in), os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("python3: %w", err)
	}
	var n []int
	return n, json.Unmarshal(out, &n)
}

// overlaps reports which samples have a run of tokens that a training document has.
func overlaps(ctx context.Context, c *corpus.Config, tok *token.Tokenizer, samples [][]int32) (copied []bool, documents int, err error) {
	type key [run]int32
	where := map[key][]int{}
	for i, ids := range samples {
		for at := 0; at+run <= len(ids); at++ {
			k := key(ids[at : at+run])
			where[k] = append(where[k], i)
		}
	}
	open, err := corpus.Open(*c)
	if err != nil {
		return nil, 0, err
	}
	copied = make([]bool, len(samples))
	for d, err := range open.Documents(ctx, &corpus.Summary{}) {
		if err != nil {
			return nil, 0, err
		}
		if d.Split != corpus.Train {
			continue
		}
		documents++
		ids := tok.Encode(d.Text)
		for at := 0; at+run <= len(ids); at++ {
			for _, i := range where[key(ids[at:at+run])] {
				copied[i] = true
			}
		}
	}
	return copied, documents, nil
}
