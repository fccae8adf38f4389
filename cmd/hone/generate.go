package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"hone/generate"
	"hone/internal/progress"
	"hone/judge"
	"hone/store"
)

// generateFlags are the flags of hone generate.
type generateFlags struct {
	chat     bool
	system   string
	logProbs bool
	json     bool
	prompts  string
	out      string
	force    bool
	verbose  bool
	sampling samplingFlags
	model    modelFlags
}

func newGenerate(in *interrupts) *cobra.Command {
	var f generateFlags
	c := &cobra.Command{
		Use:   "generate MODEL|ENDPOINT [PROMPT|-]",
		Short: "Draw text from a model, for one prompt or a file of them",
		Long: `Draw text from a model: a folder with a checkpoint, or the address of a server that
speaks OpenAI's API (as http://127.0.0.1:8000/v1#NAME; its key comes from HONE_API_KEY
or the variable that --key-env names).

One prompt is continued on standard output while it is drawn; - reads it from standard
input. With --chat it is a message that is answered.

--prompts reads a file of JSON lines, each with "prompt" or "messages" and whatever
else (task_id, id), and writes a row for each completion to --out: what the line had
besides, "index", "sample", "completion" or "response", "finish" and, with --logprobs,
"tokens". A run that was stopped goes on where it was.`,
		Example: `  hone generate ./checkpoint 'def fib(n):' --max-tokens 64
  hone generate http://127.0.0.1:8000/v1 --chat 'Sort a list in Python.' --temperature 0
  hone generate ./checkpoint --prompts prompts.jsonl --n 4 --out completions.jsonl`,
		Args: oneModel(1),
		RunE: func(c *cobra.Command, args []string) error { return runGenerate(c.Context(), in, c, args, f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	f.sampling.register(c, 1, 256)
	fl.BoolVar(&f.chat, "chat", false, "the prompt is a message to answer, not a text to continue")
	fl.StringVar(&f.system, "system", "", "system message of a chat")
	fl.BoolVar(&f.logProbs, "logprobs", false, "with --json or --out: the tokens and their log-probabilities")
	fl.BoolVar(&f.json, "json", false, "print a JSON row for each completion")
	fl.StringVar(&f.prompts, "prompts", "", "file of prompts, a JSON object a line; - is standard input")
	fl.StringVar(&f.out, "out", "", "file for the completions of --prompts")
	fl.BoolVar(&f.force, "force", false, "replace an output file that came from other inputs")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "say more on standard error")
	f.model.register(c)
	return c
}

func (f *generateFlags) check(args []string) error {
	switch {
	case f.prompts == "" && len(args) < 2:
		return usagef("a prompt is missing: name one, or - for standard input, or a file with --prompts (see: hone generate --help)")
	case f.prompts != "" && len(args) > 1:
		return usagef("a prompt and --prompts exclude each other")
	case f.prompts == "" && f.out != "":
		return usagef("--out is for the completions of --prompts; those of one prompt go to standard output")
	case f.prompts != "" && f.out == "":
		return usagef("--out is missing: name a file for the completions of --prompts")
	case f.prompts != "" && f.json:
		return usagef("--prompts writes JSON in any case, to --out")
	case f.system != "" && !f.chat:
		return usagef("--system is for --chat")
	case f.prompts != "" && sameFile(f.prompts, f.out):
		return usagef("--out %s is the input: name another file", f.out)
	case f.logProbs && !f.json && f.prompts == "":
		return usagef("--logprobs wants --json: log-probabilities are not part of a text")
	}
	if err := needFolder("--out", f.out); err != nil {
		return err
	}
	if err := f.sampling.check(); err != nil {
		return err
	}
	return f.model.check()
}

func runGenerate(ctx context.Context, in *interrupts, c *cobra.Command, args []string, f generateFlags) error {
	if err := f.check(args); err != nil {
		return err
	}
	con := newConsole()
	if f.verbose {
		con.level = slog.LevelDebug
	}
	model, err := f.model.open(ctx, args[0], slog.New(con))
	if err != nil {
		return err
	}
	defer model.close()
	if f.prompts != "" {
		return f.batch(ctx, in, model, con)
	}
	text := args[1]
	if text == "-" {
		b, err := io.ReadAll(os.Stdin)
		if err != nil {
			return fmt.Errorf("read the prompt from standard input: %w", err)
		}
		text = string(b)
	}
	if err := model.reach(ctx); err != nil {
		return err
	}
	return f.one(ctx, model, f.request(asked{Prompt: text}), os.Stdout)
}

// asked is a row of --prompts.
type asked struct {
	Prompt   string             `json:"prompt"`
	Messages []generate.Message `json:"messages"`
	// rest is the row's other fields, which its completions have too.
	rest map[string]json.RawMessage
}

// request is what the flags ask for a prompt.
func (f *generateFlags) request(a asked) generate.Request {
	r := f.sampling.request()
	r.LogProbs = f.logProbs
	if len(a.Messages) == 0 && f.chat {
		a.Messages = []generate.Message{{Role: "user", Content: a.Prompt}}
		a.Prompt = ""
	}
	if f.system != "" && a.Messages[0].Role != "system" {
		a.Messages = append([]generate.Message{{Role: "system", Content: f.system}}, a.Messages...)
	}
	r.Prompt, r.Messages = a.Prompt, a.Messages
	return r
}

// one draws for one prompt and prints, a single text while it is drawn.
func (f *generateFlags) one(ctx context.Context, model *opened, r generate.Request, w io.Writer) error {
	var werr error
	streams := r.N == 1 && !f.json
	if streams {
		r.OnPiece = func(_ int, p generate.Piece) {
			if _, err := io.WriteString(w, p.Text); werr == nil {
				werr = err
			}
		}
	}
	cs, err := model.Generate(ctx, r)
	if err != nil {
		if streams {
			fmt.Fprintln(w) // what was drawn ends in the middle of a line
		}
		return err
	}
	if streams {
		if !strings.HasSuffix(cs[0].Text, "\n") {
			fmt.Fprintln(w)
		}
		return werr
	}
	b := bufio.NewWriter(w)
	for i, c := range cs {
		if f.json {
			row, err := completionRow(nil, &r, 0, i, &c)
			if err != nil {
				return err
			}
			b.Write(append(row, '\n'))
			continue
		}
		fmt.Fprintf(b, "--- %d of %d (%s)\n%s\n", i+1, len(cs), c.Finish, strings.TrimSuffix(c.Text, "\n"))
	}
	return b.Flush()
}

// completionRow is a completion as JSON, with the other fields of its prompt's row.
func completionRow(rest map[string]json.RawMessage, r *generate.Request, index, sample int, c *generate.Completion) ([]byte, error) {
	row := map[string]any{}
	for k, v := range rest {
		row[k] = v
	}
	row["index"], row["sample"], row["finish"] = index, sample, c.Finish
	row["completion"] = c.Text
	if len(r.Messages) > 0 {
		delete(row, "completion")
		row["response"] = c.Text
	}
	if c.Usage != (generate.Usage{}) {
		row["usage"] = c.Usage
	}
	if r.LogProbs {
		type token struct {
			ID      int32   `json:"id"`
			Text    string  `json:"text"`
			LogProb float32 `json:"logprob"`
		}
		tokens := []token{}
		for _, t := range c.Tokens {
			tokens = append(tokens, token(t))
		}
		row["tokens"] = tokens
	}
	return json.Marshal(row)
}

// readPrompts reads the file of --prompts; a row that is none is an error.
func readPrompts(path string) ([]asked, []byte, error) {
	name, raw, err := "stdin", []byte(nil), error(nil)
	if path == "-" {
		raw, err = io.ReadAll(os.Stdin)
	} else {
		name = path
		if raw, err = os.ReadFile(path); err != nil {
			return nil, nil, explainOpen("--prompts", err)
		}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--prompts: %w", err)
	}
	var out []asked
	line := 0
	for text := range bytes.Lines(raw) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var a asked
		if err := json.Unmarshal(text, &a); err != nil {
			return nil, nil, fmt.Errorf("%s:%d: no JSON object with \"prompt\" or \"messages\": %w", name, line, err)
		}
		if err := json.Unmarshal(text, &a.rest); err != nil {
			return nil, nil, fmt.Errorf("%s:%d: %w", name, line, err)
		}
		_, has := a.rest["prompt"]
		if has == (len(a.Messages) > 0) {
			return nil, nil, fmt.Errorf("%s:%d: a row has one of \"prompt\" and \"messages\"", name, line)
		}
		delete(a.rest, "prompt")
		delete(a.rest, "messages")
		out = append(out, a)
	}
	if len(out) == 0 {
		return nil, nil, fmt.Errorf("%s holds no prompts: rows are JSON objects with \"prompt\" or \"messages\"", name)
	}
	digest := sha256.Sum256(raw)
	return out, digest[:], nil
}

// batch draws for every row of --prompts what --out does not have yet.
func (f *generateFlags) batch(ctx context.Context, in *interrupts, model *opened, con *console) (err error) {
	prompts, digest, err := readPrompts(f.prompts)
	if err != nil {
		return err
	}
	requests := make([]generate.Request, len(prompts))
	for i, p := range prompts {
		requests[i] = f.request(p)
		if err := requests[i].Check(); err != nil {
			return fmt.Errorf("%s: prompt %d: %w", f.prompts, i, err)
		}
		// Each prompt has chance of its own, but the same prompt the same.
		requests[i].Seed = seedOf(f.sampling.seed, requests[i].Prompt, requests[i].Messages)
	}
	print := sha256.Sum256(fmt.Appendf(nil, "%q %x %s %v %q %v", model.Identity(), digest, f.sampling.identity(), f.chat, f.system, f.logProbs))
	log, err := store.OpenRows(f.out, fmt.Sprintf("%x", print[:16]), f.force)
	if err != nil {
		return err
	}
	defer func() {
		if e := log.Close(); err == nil {
			err = e
		}
	}()
	n, total := f.sampling.n, len(prompts)*f.sampling.n
	if log.Complete() {
		con.println(fmt.Sprintf("%s: %s (it was complete: nothing was drawn)", f.out, count(total, "completion", "completions")))
		return nil
	}
	if err := model.reach(ctx); err != nil {
		return err
	}
	written := log.Done()
	first, before := written/n, written%n
	bar := progress.New(os.Stderr, "drew", total, written)
	con.bar.Store(bar)
	stop, done := in.finishing(bar, "finishing the requests under way and saving")
	err = inOrder(ctx, stop, model.concurrent, 4*model.concurrent, len(prompts)-first, func(ctx context.Context, i int) ([]generate.Completion, error) {
		cs, err := model.Generate(ctx, requests[first+i])
		if err != nil {
			return nil, fmt.Errorf("%s: prompt %d: %w", f.prompts, first+i, err)
		}
		return cs, nil
	}, func(i int, cs []generate.Completion) error {
		for k := range cs {
			if i == 0 && k < before {
				continue // it is there
			}
			row, err := completionRow(prompts[first+i].rest, &requests[first+i], first+i, k, &cs[k])
			if err != nil {
				return err
			}
			if err := log.Append(row); err != nil {
				return err
			}
			written++
			bar.Add(1, "")
		}
		return log.Flush()
	})
	done()
	bar.Finish()
	if err != nil {
		if errors.Is(err, judge.ErrStopped) || ctx.Err() != nil || written > 0 {
			con.println(fmt.Sprintf("%s safe in %s.part; the same command goes on from there", count(written, "completion is", "completions are"), f.out))
		}
		return err
	}
	if err := log.Commit(nil); err != nil {
		return err
	}
	con.println(fmt.Sprintf("%s in %s", count(total, "completion", "completions"), f.out))
	return nil
}
