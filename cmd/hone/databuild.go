package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/judge"
	"hone/offline"
	"hone/problem"
	"hone/recipe"
	"hone/reward"
	"hone/store"
	"hone/train"
)

// dataBuildFlags are the flags of hone data build.
type dataBuildFlags struct {
	problems  []string
	format    string
	samples   []string
	verdicts  []string
	reference bool
	form      string
	recipe    string
	sets      []string
	most      int
	draw      int
	seed      uint64
	model     string
	licence   string
	out       string
	force     bool
	strict    bool
	json      bool
	sandboxFlags
}

// formEval is the form in which hone eval asks a base model.
const formEval = "eval"

var dataForms = []string{formEval, string(problem.FormCompletion), string(problem.FormSolution)}

func newDataBuild(in *interrupts) *cobra.Command {
	var f dataBuildFlags
	c := &cobra.Command{
		Use:   "build --problems FILE… --samples FILE… --out FILE",
		Short: "Make judged programs rows to learn from offline",
		Long: `Make programs of any origin rows for hone train (kind offline): each with the prompt that the
trained model will see, its verdict and its reward. Programs are judged, or their verdicts
are taken from --verdicts. A program that is there twice, by its syntax tree, is judged
and used once; docs/offline.md describes the rows.

--form says what the model is to write: what hone eval asks for (eval), what follows the
problem's code (completion), or a whole program behind its prompt (solution). Whole programs
are cut where the prompt ends; those of which that would make another one are left out.

The verdicts are kept beside the rows, in NAME.verdicts.jsonl. A run that was stopped or
killed goes on where it was when the same command is given again.`,
		Example: `  hone data build --problems HumanEval.jsonl.gz --samples completions.jsonl.gz --out rows.jsonl
  hone data build --problems mbpp.jsonl.gz --reference --licence CC-BY-4.0 --out correct.jsonl
  hone data build --problems graded.jsonl --reference --samples faults.jsonl --form completion --out rows.jsonl
  hone data build --problems p.jsonl --samples s.jsonl --verdicts v.jsonl --recipe recipes/reward.yaml --out rows.jsonl`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), in, c.OutOrStdout()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringArrayVar(&f.problems, "problems", nil, "file with problems (repeatable)")
	fl.StringVar(&f.format, "format", "auto", "format of the problem files: "+formatNames())
	fl.StringArrayVar(&f.samples, "samples", nil, "file with programs (repeatable)")
	fl.StringArrayVar(&f.verdicts, "verdicts", nil, "file with the verdicts of hone judge on them: as many as --samples, in their order (default: they are judged)")
	fl.BoolVar(&f.reference, "reference", false, "also the problems' own solutions")
	fl.StringVar(&f.form, "form", formEval, "what the model is to write: "+strings.Join(dataForms, ", "))
	fl.StringVar(&f.recipe, "recipe", "", `recipe with a section "reward" (default: tests + 0.1·style + 0.1·security)`)
	fl.StringArrayVar(&f.sets, "set", nil, "override one key of that recipe, as reward.formula=published (repeatable)")
	fl.IntVar(&f.most, "most", 50, "the most correct and the most incorrect programs of a problem, drawn by chance (0: all)")
	fl.IntVar(&f.draw, "draw", 0, "the most programs of a problem that are judged, drawn by chance (0: all)")
	fl.Uint64Var(&f.seed, "seed", 1, "what chance begins from")
	fl.StringVar(&f.model, "model", "", "what wrote the programs of rows that do not say it")
	fl.StringVar(&f.licence, "licence", "", "licence of the programs, kept in the rows")
	fl.StringVar(&f.out, "out", "", "file for the rows")
	fl.BoolVar(&f.force, "force", false, "replace an output file that came from other inputs")
	fl.BoolVar(&f.strict, "strict", false, "refuse files with a bad row instead of reporting and skipping it")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON on standard output")
	f.register(c)
	_ = c.RegisterFlagCompletionFunc("form", cobra.FixedCompletions(dataForms, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *dataBuildFlags) check() error {
	switch {
	case len(f.problems) == 0:
		return usagef("--problems is missing: name a file with problems (see: hone data build --help)")
	case len(f.samples) == 0 && !f.reference:
		return usagef("name programs with --samples FILE, or take the problems' own solutions with --reference")
	case f.out == "" || f.out == "-":
		return usagef("--out is missing: name a file for the rows")
	case len(f.verdicts) > 0 && len(f.verdicts) != len(f.samples):
		return usagef("--verdicts is given %d times, --samples %d times: each file of programs needs its verdicts, in the same order", len(f.verdicts), len(f.samples))
	case !slices.Contains(dataForms, f.form):
		return usagef("--form %q: it is one of %s", f.form, strings.Join(dataForms, ", "))
	case !slices.Contains(problem.Formats(), problem.Format(f.format)):
		return usagef("--format %q: it is one of %s", f.format, formatNames())
	case f.most < 0 || f.draw < 0:
		return usagef("--most and --draw cannot be negative")
	}
	for _, in := range slices.Concat(f.problems, f.samples, f.verdicts) {
		if sameFile(in, f.out) || sameFile(in, f.verdictPath()) {
			return usagef("--out %s would replace an input: name another file for the rows", f.out)
		}
	}
	return errors.Join(needFolder("--out", f.out), f.sandboxFlags.check())
}

// verdictPath is where the verdicts of what is judged are kept.
func (f *dataBuildFlags) verdictPath() string {
	return strings.TrimSuffix(f.out, filepath.Ext(f.out)) + ".verdicts.jsonl"
}

// query is how the trained model will be asked for a problem's program.
type query struct {
	prompt string
	lead   string // code in front of what the model writes
}

// ask gives the prompt of a problem, false where the form has none.
func (f *dataBuildFlags) ask(p *problem.Problem) (query, bool) {
	switch f.form {
	case formEval:
		q := promptOf(p)
		if q.form == problem.FormCompletion {
			return query{q.text, p.Prefix}, true
		}
		return query{q.text, q.head}, true
	case string(problem.FormCompletion):
		return query{p.Prompt, p.Prefix}, p.Prefix != ""
	}
	return query{p.Prompt, ""}, true
}

// candidate is a program that may become a row.
type candidate struct {
	problem *problem.Problem
	query
	text    string // what follows the lead
	number  int    // among those of the task, in verdicts
	row     offline.Row
	verdict *problem.Verdict // nil: it is to be judged
}

// dataSummary says what became of the programs.
type dataSummary struct {
	Read       int `json:"read"`
	BadRows    int `json:"bad_rows"`
	OtherTasks int `json:"of_other_tasks"`
	NotInForm  int `json:"not_in_form"`
	Empty      int `json:"empty"`
	Duplicates int `json:"duplicates"`
	NotDrawn   int `json:"not_drawn"`
	Judged     int `json:"judged"`
	Cached     int `json:"judged_before"`
	NotScored  int `json:"not_scored"`
	// MissingModule are incorrect for what the interpreter lacks.
	MissingModule int `json:"missing_module"`

	Contradictions int    `json:"contradictions"`
	TooMany        int    `json:"above_most"`
	Problems       int    `json:"problems"`
	Usable         int    `json:"problems_with_both_kinds"`
	Correct        int    `json:"correct"`
	Incorrect      int    `json:"incorrect"`
	Out            string `json:"out"`
}

// dataBuild is a build under way.
type dataBuild struct {
	flags   *dataBuildFlags
	suite   *suite
	console *console
	formula *reward.Formula
	all     []*candidate
	sum     dataSummary
}

func (f *dataBuildFlags) run(ctx context.Context, in *interrupts, w io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	b := &dataBuild{flags: f, console: newConsole()}
	rep := &reporter{strict: f.strict, console: b.console}
	r, err := rewardRecipe(f.recipe, "", f.sets)
	if err != nil {
		return err
	}
	if b.formula, err = reward.New(r); err != nil {
		return err
	}
	defer b.formula.Close()
	if b.suite, err = loadSuite(problemFiles{"--problems", filesOf(f.problems), f.format, false}, rep); err != nil {
		return err
	}
	for _, p := range b.suite.problems {
		if err := train.MayTrain(p.Benchmark, p.TaskID); err != nil {
			return err
		}
	}
	if err := b.collect(rep); err != nil {
		return err
	}
	b.sum.BadRows = rep.n
	print, err := recipe.Fingerprint(&r)
	if err != nil {
		return err
	}
	log, err := store.OpenRows(f.out, b.fingerprint(print), f.force)
	if err != nil {
		return err
	}
	defer log.Close()
	if err := b.judge(ctx, in); err != nil {
		return err
	}
	rows, err := b.score(ctx)
	if err != nil {
		return err
	}
	if err := b.write(log, rows); err != nil {
		return err
	}
	if f.json {
		return printJSON(w, &b.sum)
	}
	return b.sum.print(w)
}

// collect reads the programs and puts them into the form.
func (b *dataBuild) collect(rep *reporter) error {
	seen := map[[sha256.Size]byte]bool{}
	numbers := map[*problem.Problem]int{}
	add := func(p *problem.Problem, code string, row offline.Row, verdict *problem.Verdict) {
		code = strings.ReplaceAll(code, "\r\n", "\n") // which Python reads alike
		q, ok := b.flags.ask(p)
		text := ""
		if ok {
			text, ok = offline.Continuation(q.lead, code, p.EntryPoint)
		}
		switch {
		case !ok:
			b.sum.NotInForm++
			return
		case strings.TrimSpace(text) == "":
			b.sum.Empty++
			return
		}
		if q.lead+text != code {
			verdict, row.BehaviourLogProb = nil, nil // it is another text now
		}
		if verdict == nil {
			of := offline.Hash(q.lead, text)
			key := sha256.Sum256(fmt.Appendf(nil, "%q %q %x", p.Benchmark, p.TaskID, of))
			if seen[key] {
				b.sum.Duplicates++
				return
			}
			seen[key] = true
		}
		row.Benchmark, row.TaskID, row.Prompt, row.Program = p.Benchmark, p.TaskID, q.prompt, text
		if row.Licence == "" {
			row.Licence = b.flags.licence
		}
		b.all = append(b.all, &candidate{p, q, text, numbers[p], row, verdict})
		numbers[p]++
	}
	if b.flags.reference {
		for _, p := range b.suite.problems {
			if p.Reference != "" {
				b.sum.Read++
				add(p, p.Reference, offline.Row{Source: p.Benchmark, Model: "reference"}, nil)
			}
		}
	}
	for i, path := range b.flags.samples {
		verdicts := map[problem.Key]*problem.Verdict{}
		if len(b.flags.verdicts) > 0 {
			list, err := readVerdicts(b.flags.verdicts[i])
			if err != nil {
				return err
			}
			for k := range list {
				verdicts[list[k].Key()] = &list[k]
			}
		}
		if err := b.read(path, verdicts, rep, add); err != nil {
			return err
		}
	}
	if b.sum.Read == b.sum.OtherTasks {
		return fmt.Errorf("none of %s is for a task of the problems", count(b.sum.Read, "program", "programs"))
	}
	if len(b.all) == 0 {
		return fmt.Errorf("no program can be used: %d are not of the form %q, %d are empty (see: hone data build --help)", b.sum.NotInForm, b.flags.form, b.sum.Empty)
	}
	b.some()
	return nil
}

// read adds the programs of a file.
func (b *dataBuild) read(path string, verdicts map[problem.Key]*problem.Verdict, rep *reporter, add func(*problem.Problem, string, offline.Row, *problem.Verdict)) error {
	file, err := openSamples(path)
	if err != nil {
		return err
	}
	defer file.close()
	missing := 0
	for p, err := range file.programs() {
		var bad *problem.Issue
		if errors.As(err, &bad) {
			err = rep.issue(err)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		b.sum.Read++
		job, err := b.suite.job(p)
		if err != nil {
			b.sum.OtherTasks++
			continue
		}
		v := verdicts[problem.Key{Benchmark: job.Problem.Benchmark, TaskID: p.TaskID, Sample: p.Sample}]
		if v == nil && len(verdicts) > 0 {
			missing++
		}
		row := offline.Row{Source: filepath.Base(path), Model: p.Model, BehaviourLogProb: p.BehaviourLogProb}
		if row.Model == "" {
			row.Model = b.flags.model
		}
		add(job.Problem, job.Program, row, v)
	}
	if missing > 0 {
		b.console.println(fmt.Sprintf("%s: %s no verdict and are judged", path, count(missing, "program has", "programs have")))
	}
	return nil
}

// some draws --draw programs of each problem.
func (b *dataBuild) some() {
	if b.flags.draw == 0 {
		return
	}
	of := map[*problem.Problem][]int{}
	for i, c := range b.all {
		of[c.problem] = append(of[c.problem], i)
	}
	var kept []int
	for k, p := range b.suite.problems {
		at := of[p]
		rng := rand.New(rand.NewPCG(b.flags.seed, uint64(k)))
		rng.Shuffle(len(at), func(i, j int) { at[i], at[j] = at[j], at[i] })
		kept = append(kept, at[:min(len(at), b.flags.draw)]...)
	}
	slices.Sort(kept)
	b.sum.NotDrawn = len(b.all) - len(kept)
	drawn := make([]*candidate, len(kept))
	for i, at := range kept {
		drawn[i] = b.all[at]
	}
	b.all = drawn
}

// digest identifies what is judged, or everything.
func (b *dataBuild) digest(all bool) []byte {
	h := sha256.New()
	for _, c := range b.all {
		if all || c.verdict == nil {
			fmt.Fprintf(h, "%q %q %q %q\n", c.problem.Benchmark, c.problem.TaskID, c.lead, c.text)
		}
		if all {
			_ = json.NewEncoder(h).Encode([]any{c.row, c.verdict})
		}
	}
	return h.Sum(nil)
}

// fingerprint identifies the rows by what they depend on.
func (b *dataBuild) fingerprint(recipe string) string {
	f := b.flags
	sum := sha256.Sum256(fmt.Appendf(nil, "rows 1 %s %x %x %s %d %d %s %s %d %d", recipe, b.suite.digest, b.digest(true), f.form, f.most, f.seed, f.python, f.tier, f.timeout, f.memory))
	return fmt.Sprintf("%x", sum[:16])
}

// candidateJobs yields programs as jobs.
func candidateJobs(list []*candidate) iter.Seq[judge.Job] {
	return func(yield func(judge.Job) bool) {
		for _, c := range list {
			if !yield(judge.Job{Problem: c.problem, TaskID: c.problem.TaskID, Sample: c.number, Program: c.lead + c.text}) {
				return
			}
		}
	}
}

// judge gives the programs without a verdict one.
func (b *dataBuild) judge(ctx context.Context, in *interrupts) error {
	var open []*candidate
	for _, c := range b.all {
		if c.verdict == nil {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		return nil
	}
	j, py, closeJudge, err := b.flags.open(ctx, b.suite.problems, b.console)
	if err != nil {
		return err
	}
	defer closeJudge()
	tally := &judge.Tally{}
	path := b.flags.verdictPath()
	sink, err := openSink(path, b.flags.force, b.suite, tally, fingerprint(b.suite.digest, b.digest(false), b.flags.sandboxFlags, py, j))
	if err != nil {
		return err
	}
	defer sink.close()
	n := 0
	take := func(v problem.Verdict) {
		open[n].verdict = &v
		n++
	}
	for raw := range sink.log.Rows() {
		var v problem.Verdict
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("%s: row %d of the earlier run: %w (use --force to start anew)", path, n+1, err)
		}
		take(v)
	}
	if err := sink.log.Err(); err != nil {
		return err
	}
	if !sink.complete {
		bar := progress.New(os.Stderr, "judged", len(open), sink.done)
		b.console.bar.Store(bar)
		stop, done := in.finishing(bar, "finishing the programs that are running"+sink.saving())
		err = judge.Stream(ctx, stop, j, candidateJobs(open[sink.done:]), func(v problem.Verdict) error {
			err := sink.add(&v)
			take(v)
			bar.Add(1, fmt.Sprintf("%d passed", tally.Outcomes[problem.Pass]))
			return err
		})
		done()
		bar.Finish()
		if err != nil {
			return sink.interrupted(err)
		}
		if err := sink.commit(nil); err != nil {
			return err
		}
	}
	b.sum.Judged, b.sum.Cached = n, tally.Cached
	return nil
}

// score makes rows of the programs and chooses among them.
func (b *dataBuild) score(ctx context.Context) ([]offline.Row, error) {
	var rows []offline.Row
	for _, c := range b.all {
		in := reward.Input{Problem: c.problem, Verdict: c.verdict, Form: problem.FormSolution, Text: c.lead + c.text}
		if c.lead == c.problem.Prefix && c.lead != "" {
			in.Form, in.Text = problem.FormCompletion, c.text
		}
		result, err := b.formula.Score(ctx, in)
		if errors.Is(err, reward.ErrNotScored) {
			b.sum.NotScored++
			continue
		}
		if err != nil {
			return nil, err
		}
		row := c.row
		row.Reward, row.Components, row.Verdict = result.Reward, result.Components(), c.verdict.Verdict
		row.Where = row.Source
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, errors.New("none of the programs has a reward: their tests could not be run")
	}
	set, r := offline.Check(rows, offline.Options{Group: 2, MostCorrect: b.flags.most, SkipContradictions: true, KeepOneKind: true, Seed: b.flags.seed})
	if err := r.Err(); err != nil {
		return nil, err
	}
	s := &b.sum
	for i := range rows {
		if rows[i].Verdict == problem.MissingModule {
			s.MissingModule++
		}
	}
	s.Duplicates += r.Duplicates
	s.Contradictions, s.TooMany, s.NotScored = r.Contradictions, r.TooMany, s.NotScored+r.NotScored
	s.Problems, s.Usable, s.Correct, s.Incorrect = r.Problems, r.Usable, r.Correct, r.Wrong
	return set.Kept(), nil
}

// write appends the rows that are not there yet.
func (b *dataBuild) write(log *store.RowLog, rows []offline.Row) error {
	b.sum.Out = b.flags.out
	if log.Complete() {
		return nil
	}
	for _, row := range rows[log.Done():] {
		raw, err := row.Encode()
		if err != nil {
			return err
		}
		if err := log.Append(raw); err != nil {
			return err
		}
	}
	return log.Commit(&b.sum)
}

func (s *dataSummary) print(w io.Writer) error {
	for _, l := range []struct {
		n      int
		what   string
		always bool
	}{
		{s.Read, "programs read", true},
		{s.BadRows, "bad rows, left out", false},
		{s.OtherTasks, "of tasks that are in no problem file, left out", false},
		{s.NotInForm, "do not go behind the prompt, left out", false},
		{s.Empty, "empty, left out", false},
		{s.Duplicates, "the same program again, left out", false},
		{s.NotDrawn, "not drawn (--draw)", false},
		{s.Judged, "judged", true},
		{s.NotScored, "could not be scored, left out", false},
		{s.MissingModule, "import a module that the interpreter does not have, and count as incorrect (--python names another)", false},
		{s.Contradictions, "with two verdicts, left out", false},
		{s.TooMany, "above the most of a kind, left out (--most)", false},
		{s.Correct, "correct programs kept", true},
		{s.Incorrect, "incorrect programs kept", true},
		{s.Problems, "problems", true},
		{s.Usable, "of them with programs of both kinds", true},
	} {
		if l.n == 0 && !l.always {
			continue
		}
		if _, err := fmt.Fprintf(w, "%8d  %s\n", l.n, l.what); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "rows: %s\n", s.Out)
	return err
}
