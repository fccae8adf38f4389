package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"hone/generate"
	"hone/internal/progress"
	"hone/judge"
	"hone/problem"
	"hone/sandbox"
	"hone/store"
)

// evalRun is an evaluation under way: samples are drawn in order and appended to
// samples.jsonl, and from there judged in the same order, while others are drawn.
type evalRun struct {
	*evaluation
	flags   *evalFlags
	model   *opened
	console *console

	judge      *judge.Judge
	python     sandbox.Interpreter
	closeJudge func() error
	samples    *store.RowLog // nil without --out
	earlier    int           // samples of earlier runs
	tally      *judge.Tally
	verdicts   *sink
	drawn      drawnCount   // of all samples
	now        atomic.Int64 // samples of this run so far
	tokens     int          // drawn by this run

	// What the report shows, where no file keeps it.
	judged  []judge.Job
	results []problem.Verdict
}

// drawnCount says what the samples are like.
type drawnCount struct {
	Samples          int `json:"samples"`
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	// Truncated samples reached --max-tokens or the end of what the model can hold,
	// Filtered ones were withheld in part. NoRoom are empty, since the prompt alone is
	// longer than the model can hold; they are judged like any other.
	Truncated int `json:"truncated"`
	NoRoom    int `json:"no_room,omitempty"`
	Filtered  int `json:"filtered,omitempty"`
	Empty     int `json:"empty"`
	// Extracted counts how programs were found in responses (--chat), see problem.Extract.
	Extracted map[string]int `json:"extracted,omitempty"`
}

// noRoom is the finish of a sample whose prompt the model cannot hold.
const noRoom generate.Finish = "no_room"

func (d *drawnCount) add(row *sampleRow) {
	d.Samples++
	if row.Usage != nil {
		d.PromptTokens += row.Usage.Prompt
		d.CompletionTokens += row.Usage.Completion
	}
	switch row.Finish {
	case noRoom:
		d.NoRoom++
	case generate.FinishLength:
		d.Truncated++
	case generate.FinishFilter:
		d.Filtered++
	}
	for _, text := range []*string{row.Completion, row.Solution, row.Response} {
		if text != nil && *text == "" {
			d.Empty++
		}
	}
	if row.Extracted != "" {
		if d.Extracted == nil {
			d.Extracted = map[string]int{}
		}
		d.Extracted[row.Extracted]++
	}
}

// open starts the judge and opens the outputs.
func (r *evalRun) open(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	print := r.fingerprint(r.flags, r.model)
	if path := r.path("samples.jsonl"); path != "" {
		if r.samples, err = store.OpenRows(path, fmt.Sprintf("%x", print[:16]), r.flags.force); err != nil {
			return err
		}
		r.earlier = r.samples.Done()
		for row := range r.samples.Rows() {
			var s sampleRow
			if err := json.Unmarshal(row, &s); err != nil {
				return fmt.Errorf("%s: row %d of the earlier run: %w (use --force to start anew)", path, r.drawn.Samples+1, err)
			}
			r.drawn.add(&s)
		}
		if err := r.samples.Err(); err != nil {
			return err
		}
	}
	if r.judge, r.python, r.closeJudge, err = r.flags.sandboxFlags.open(ctx, r.suite.problems, r.console); err != nil {
		return err
	}
	r.tally = &judge.Tally{}
	r.verdicts, err = openSink(r.path("verdicts.jsonl"), r.flags.force, r.suite, r.tally,
		fingerprint(r.suite.digest, print, r.flags.sandboxFlags, r.python, r.judge))
	return err
}

func (r *evalRun) close() {
	if r.verdicts != nil {
		_ = r.verdicts.close() // what failed to be written has been reported
		r.verdicts = nil
	}
	if r.samples != nil {
		_ = r.samples.Close()
		r.samples = nil
	}
	if r.closeJudge != nil {
		_ = r.closeJudge()
		r.closeJudge = nil
	}
}

// run draws and judges what is missing.
func (r *evalRun) run(ctx context.Context, in *interrupts) (*evalSummary, error) {
	start := time.Now()
	drawing := time.Duration(0)
	if r.earlier < r.total() || !r.verdicts.complete {
		if r.earlier < r.total() {
			if err := r.model.reach(ctx); err != nil {
				return nil, err
			}
		}
		bar := progress.New(os.Stderr, "judged", r.total(), r.verdicts.done)
		r.console.bar.Store(bar)
		stop, done := in.finishing(bar, "finishing the requests and programs under way"+r.verdicts.saving())
		var err error
		drawing, err = r.overlap(ctx, stop, bar)
		done()
		bar.Finish()
		if err != nil {
			return nil, r.interrupted(err)
		}
	}
	excluded, err := r.verdicts.excluded(ctx, r.judge)
	if err != nil {
		return nil, r.interrupted(err)
	}
	sum := r.summary(time.Since(start), drawing, excluded)
	if r.samples != nil && !r.samples.Complete() {
		if err := r.samples.Commit(sum.Generation); err != nil {
			return nil, err
		}
	}
	return sum, r.verdicts.commit(sum.summary)
}

// overlap runs drawing and judging side by side; it returns how long was drawn.
func (r *evalRun) overlap(ctx context.Context, stop <-chan struct{}, bar *progress.Bar) (drawing time.Duration, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	fresh := make(chan sampleRow, 256)
	judged := make(chan struct{}) // closed when nobody judges any more
	var drawErr error
	drew := make(chan struct{})
	go func() {
		defer close(drew)
		defer close(fresh)
		start := time.Now()
		drawErr = r.draw(ctx, stop, func(row sampleRow) {
			select {
			case fresh <- row:
			case <-judged: // the sample is saved, and judged by the next run
			}
		})
		drawing = time.Since(start)
	}()
	var jobErr error
	err = judge.Stream(ctx, stop, r.judge, r.jobs(stop, fresh, &jobErr), func(v problem.Verdict) error {
		if r.flags.report != "" && r.samples == nil {
			r.results = append(r.results, v)
		}
		err := r.verdicts.add(&v)
		bar.Add(1, fmt.Sprintf("%d passed, %d drawn", r.tally.Outcomes[problem.Pass], r.earlier+int(r.now.Load())))
		return err
	})
	close(judged)
	if err == nil {
		err = jobErr
	}
	if err != nil && !errors.Is(err, judge.ErrStopped) {
		cancel()
	}
	<-drew
	switch {
	case drawErr != nil && (err == nil || errors.Is(err, judge.ErrStopped) || errors.Is(err, context.Canceled)):
		err = drawErr
	case err == nil && r.tally.Programs < r.total():
		err = judge.ErrStopped // between the last sample and its verdict
	}
	return drawing, err
}

// draw draws the samples that are missing, in order, and saves each before it passes it on.
func (r *evalRun) draw(ctx context.Context, stop <-chan struct{}, pass func(sampleRow)) error {
	if r.earlier >= r.total() {
		return nil
	}
	first, before := r.at(r.earlier)
	units := r.perProblem()*len(r.prompts) - first
	atOnce := r.model.concurrent
	return inOrder(ctx, stop, atOnce, 4*atOnce, units, func(ctx context.Context, i int) ([]generate.Completion, error) {
		u := r.unit(first + i)
		ask := r.ask(u)
		cs, err := r.model.Generate(ctx, ask)
		var refused *generate.RequestError
		if errors.As(err, &refused) && refused.TooLong {
			cs, err = make([]generate.Completion, ask.N), nil
			for k := range cs {
				cs[k].Finish = noRoom
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.suite.problems[u.problem].TaskID, err)
		}
		return cs, nil
	}, func(i int, cs []generate.Completion) error {
		u := r.unit(first + i)
		p, q := r.suite.problems[u.problem], &r.prompts[u.problem]
		var rows []sampleRow
		for k := range cs {
			row := q.newRow(p, u.first+k, &cs[k])
			if i == 0 && k < before {
				continue // it was drawn and saved before
			}
			rows = append(rows, row)
		}
		if err := r.save(rows); err != nil {
			return err
		}
		for _, row := range rows {
			r.drawn.add(&row)
			if row.Usage != nil {
				r.tokens += row.Usage.Completion
			}
			r.now.Add(1)
			pass(row)
		}
		return nil
	})
}

func (r *evalRun) save(rows []sampleRow) error {
	if r.samples == nil {
		return nil
	}
	for i := range rows {
		raw, err := json.Marshal(&rows[i])
		if err != nil {
			return err
		}
		if err := r.samples.Append(raw); err != nil {
			return err
		}
	}
	return r.samples.Flush()
}

// jobs yields what has no verdict yet: the samples of earlier runs, and then the fresh ones.
func (r *evalRun) jobs(stop <-chan struct{}, fresh <-chan sampleRow, fail *error) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		skip := r.verdicts.done
		job := func(row *sampleRow) bool {
			if skip > 0 {
				skip--
				return true
			}
			p, err := row.program()
			var j judge.Job
			if err == nil {
				j, err = r.suite.job(p)
			}
			if err != nil {
				*fail = err
				return false
			}
			if r.flags.report != "" && r.samples == nil {
				r.judged = append(r.judged, j)
			}
			return yield(j)
		}
		if r.samples != nil {
			for raw := range r.samples.Rows() {
				var row sampleRow
				if *fail = json.Unmarshal(raw, &row); *fail != nil || !job(&row) {
					return
				}
			}
			if *fail = r.samples.Err(); *fail != nil {
				return
			}
		}
		for {
			select {
			case row, ok := <-fresh:
				if !ok || !job(&row) {
					return
				}
			case <-stop:
				return
			}
		}
	}
}

// interrupted says what is safe and how to go on.
func (r *evalRun) interrupted(err error) error {
	if r.samples == nil {
		return err
	}
	if ferr := r.verdicts.flush(); ferr != nil && r.verdicts.log != nil && !r.verdicts.complete {
		return ferr
	}
	again := "the same command"
	if r.flags.force {
		again += " without --force"
	}
	r.console.println(fmt.Sprintf("%s and %s are safe in %s; %s goes on from there", count(r.drawn.Samples, "sample", "samples"),
		count(r.tally.Programs, "verdict", "verdicts"), r.flags.out, again))
	return err
}

// evalSummary is the result of hone eval; --json prints it.
type evalSummary struct {
	Model      string     `json:"model"`
	Benchmarks []string   `json:"benchmarks"`
	Chat       bool       `json:"chat"`
	Sampling   sampled    `json:"sampling"`
	Generation generation `json:"generation"`
	*summary
}

// sampled is how the samples were drawn.
type sampled struct {
	N           int     `json:"n"`
	Temperature float64 `json:"temperature"`
	TopP        float64 `json:"top_p"`
	TopK        int     `json:"top_k"`
	MaxTokens   int     `json:"max_tokens"`
	Seed        uint64  `json:"seed"`
	Stops       bool    `json:"stops"`
}

// generation is what drawing gave and took.
type generation struct {
	drawnCount
	// Seconds and TokensPerSecond are of the run that drew last, which drew Fresh samples.
	Fresh           int     `json:"fresh"`
	Seconds         float64 `json:"seconds"`
	TokensPerSecond float64 `json:"tokens_per_second"`
}

func (r *evalRun) summary(took, drawing time.Duration, excluded []string) *evalSummary {
	f := &r.flags.sampling
	sum := &evalSummary{
		Model: r.model.Identity(), Benchmarks: r.flags.benchmarks, Chat: r.flags.chat,
		Sampling:   sampled{f.n, f.temperature, f.topP, f.topK, f.maxTokens, f.seed, !r.flags.noStops},
		Generation: generation{drawnCount: r.drawn, Fresh: int(r.now.Load()), Seconds: drawing.Seconds()},
		summary:    summarize(r.tally, r.judge, r.python, took, r.tally.Programs-r.verdicts.done),
	}
	if s := drawing.Seconds(); s > 0 {
		sum.Generation.TokensPerSecond = float64(r.tokens) / s
	}
	if r.samples != nil && r.samples.Complete() {
		var before generation
		if json.Unmarshal(r.samples.Meta(), &before) == nil {
			sum.Generation.Fresh, sum.Generation.Seconds, sum.Generation.TokensPerSecond = before.Fresh, before.Seconds, before.TokensPerSecond
		}
	}
	sum.Out, sum.Resumed, sum.TasksTotal = r.path("verdicts.jsonl"), r.verdicts.done, len(r.suite.problems)
	sum.Excluded = excluded
	if r.verdicts.complete {
		sum.recall(r.verdicts.log.Meta())
	}
	return sum
}

// drawn is the model and, in lines, how the programs came about.
func (s *evalSummary) drawn() []string {
	g := &s.Generation
	mode := "completions"
	if s.Chat {
		mode = "chat responses"
	}
	share := func(n int) float64 { return 100 * float64(n) / float64(max(g.Samples, 1)) }
	speed := ""
	if g.TokensPerSecond > 0 {
		speed = fmt.Sprintf(" (%.0f/s)", g.TokensPerSecond)
	}
	lines := []string{
		s.Model,
		fmt.Sprintf("%d %s, temperature %v, top-p %v, seed %d: %d tokens%s; %.1f %% cut at %d tokens, %.1f %% empty", g.Samples, mode, s.Sampling.Temperature, s.Sampling.TopP,
			s.Sampling.Seed, g.CompletionTokens, speed, share(g.Truncated), s.Sampling.MaxTokens, share(g.Empty)),
	}
	if g.NoRoom > 0 {
		lines = append(lines, count(g.NoRoom, "sample has", "samples have")+" a prompt that is longer than the model can hold: empty, and judged so")
	}
	if g.Filtered > 0 {
		lines = append(lines, fmt.Sprintf("%.1f %% withheld in part by the endpoint's filter", share(g.Filtered)))
	}
	if s.Chat {
		lines = append(lines, fmt.Sprintf("code found: %.1f %% in a fence, %.1f %% in a tag, %.1f %% the answer itself, %.1f %% cut out of prose",
			share(g.Extracted["fence"]), share(g.Extracted["tag"]), share(g.Extracted["verbatim"]), share(g.Extracted["prose"])))
	}
	return lines
}

func (s *evalSummary) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n", strings.Join(s.drawn(), "\n"))
	s.summary.print(w)
}

// writeReport writes the page of --report.
func (r *evalRun) writeReport(sum *evalSummary) (err error) {
	page := &verdictReport{suite: r.suite, sum: sum.summary, verdicts: r.results, programs: slices.Values(r.judged), drawn: sum.drawn()}
	if r.samples != nil {
		if page.verdicts, err = readVerdicts(r.path("verdicts.jsonl")); err != nil {
			return err
		}
		programs, err := openSamples(r.path("samples.jsonl"))
		if err != nil {
			return err
		}
		defer programs.close()
		page.programs = r.suite.samples(programs, silent(), new(error))
	}
	return page.page().WriteFile(r.flags.report)
}
