package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"hone/judge"
	"hone/problem"
	"hone/recipe"
	"hone/reward"
	"hone/source"
	"hone/token"
)

// rewardFlags are the flags of hone reward.
type rewardFlags struct {
	problem, format string
	program, form   string
	recipe          string
	sets            []string
	tokenizer       string
	mode            string
	json            bool
	html            string
	sandboxFlags
}

var programForms = []string{string(problem.FormResponse), string(problem.FormCompletion), string(problem.FormSolution)}

func newReward() *cobra.Command {
	var f rewardFlags
	c := &cobra.Command{
		Use:   "reward --problem FILE[#TASK] --program FILE|-",
		Short: "Give a program its reward, and show which tokens earned it",
		Long: `Judge one program, compute its reward by the formula of a recipe, and spread it over the
tokens of the text: what each component gave, and where reward was lost.

The program is the text of a model, prose and fences included (--form response, which
also takes plain code), what continues the problem's prompt (--form completion), or a
whole program (--form solution). Without --tokenizer words and signs stand for tokens.

docs/reward.md says what the components are and how to add one.`,
		Example: `  hone reward --problem mbpp.jsonl.gz#11 --program answer.md
  hone reward --problem tasks.jsonl --program - --mode broadcast --tokenizer model
  hone reward --problem tasks.jsonl#own/1 --program p.py --recipe recipes/reward.yaml --html reward.html`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), c.InOrStdin()) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.problem, "problem", "", "file with the problem, and which one it is where there are several: FILE#TASK")
	fl.StringVar(&f.format, "format", "auto", "format of the problem file: "+formatNames())
	fl.StringVar(&f.program, "program", "", "file with the text that has the program; - is standard input")
	fl.StringVar(&f.form, "form", programForms[0], "what that text is: "+strings.Join(programForms, ", "))
	fl.StringVar(&f.recipe, "recipe", "", `recipe with a section "reward" (default: tests + 0.1·style + 0.1·security)`)
	fl.StringArrayVar(&f.sets, "set", nil, "override one key of the recipe, as reward.formula=published (repeatable)")
	fl.StringVar(&f.tokenizer, "tokenizer", "", "tokenizer.json, or a folder with one")
	fl.StringVar(&f.mode, "mode", "", "which tokens get the reward: terminal, broadcast or localised (default: localised, or as the recipe says)")
	fl.BoolVar(&f.json, "json", false, "print JSON")
	fl.StringVar(&f.html, "html", "", "also write a page that shows it to this file")
	f.register(c)
	_ = c.RegisterFlagCompletionFunc("form", cobra.FixedCompletions(programForms, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions([]string{"terminal", "broadcast", "localised"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *rewardFlags) check() error {
	switch {
	case f.problem == "":
		return usagef("--problem is missing: name a file with the problem, FILE#TASK where it has several (see: hone reward --help)")
	case f.program == "":
		return usagef("--program is missing: name a file with the program, or - for standard input (see: hone reward --help)")
	case f.problem == "-" && f.program == "-":
		return usagef("standard input cannot hold both problem and program: give one of them as a file")
	case !slices.Contains(programForms, f.form):
		return usagef("--form %q: it is one of %s", f.form, strings.Join(programForms, ", "))
	case !slices.Contains(problem.Formats(), problem.Format(f.format)):
		return usagef("--format %q: it is one of %s", f.format, formatNames())
	case f.mode != "" && !slices.Contains(reward.Modes, reward.Mode(f.mode)):
		return usagef("--mode %q: it is one of terminal, broadcast, localised", f.mode)
	}
	return f.sandboxFlags.check()
}

// rewarded is everything that hone reward shows.
type rewarded struct {
	Benchmark string       `json:"benchmark"`
	TaskID    string       `json:"task_id"`
	Form      problem.Form `json:"form"`
	Mode      reward.Mode  `json:"mode"`
	Tokenizer string       `json:"tokenizer"` // "words" without one
	*reward.Result
	Tokens  []rewardedToken `json:"tokens"`
	Verdict problem.Verdict `json:"verdict"`

	text  string
	lines *source.Lines
}

// rewardedToken is a token with what it got.
type rewardedToken struct {
	Start  int         `json:"start"` // bytes [start, end) of the text
	End    int         `json:"end"`
	Reward float64     `json:"reward"`
	Shares []tokenPart `json:"shares,omitempty"`
	inside bool        // of the program
}

// tokenPart is one reason for a token's reward.
type tokenPart struct {
	Component  string  `json:"component,omitempty"`
	Amount     float64 `json:"amount"`
	Why        string  `json:"why,omitempty"`
	part, mark int     // indices in the result, −1 for none
}

func (f *rewardFlags) run(ctx context.Context, stdin io.Reader) error {
	if err := f.check(); err != nil {
		return err
	}
	formula, mode, err := f.formula()
	if err != nil {
		return err
	}
	defer formula.Close()
	split, name, err := f.tokens()
	if err != nil {
		return err
	}
	text, err := readText(f.program, stdin)
	if err != nil {
		return explainOpen("--program", err)
	}
	con := newConsole()
	p, err := f.task(con)
	if err != nil {
		return err
	}
	j, _, closeJudge, err := f.open(ctx, []*problem.Problem{p}, con)
	if err != nil {
		return err
	}
	defer closeJudge()
	in := reward.Input{Problem: p, Form: problem.Form(f.form), Text: text}
	v, err := j.Do(ctx, judge.Job{Problem: p, TaskID: p.TaskID, Program: p.Assemble(in.Form, text).Code, Coverage: mode == reward.Localised})
	if err != nil {
		return err
	}
	in.Verdict = &v
	result, err := formula.Score(ctx, in)
	if err != nil {
		return err
	}
	out := &rewarded{
		Benchmark: p.Benchmark, TaskID: p.TaskID, Form: in.Form, Mode: mode, Tokenizer: name,
		Result: result, Verdict: v, text: text, lines: source.NewLines([]byte(text)),
	}
	if err := out.assign(split(text)); err != nil {
		return err
	}
	if f.html != "" {
		if err := out.writePage(f.html); err != nil {
			return err
		}
	}
	if f.json {
		return printJSON(os.Stdout, out)
	}
	return out.print(os.Stdout)
}

// formula reads the recipe.
func (f *rewardFlags) formula() (*reward.Formula, reward.Mode, error) {
	mode := reward.Mode("")
	if f.recipe == "" {
		mode = reward.Localised // who looks wants to see where
	}
	r, err := rewardRecipe(f.recipe, mode, f.sets)
	if err != nil {
		return nil, "", err
	}
	if f.mode != "" {
		r.Mode = reward.Mode(f.mode)
	}
	formula, err := reward.New(r)
	return formula, r.Mode, err
}

// rewardRecipe reads the section "reward" of a recipe, or the default formula where path is
// "", with keys that sets override. A mode, unless it is "", is that of recipes without one.
func rewardRecipe(path string, mode reward.Mode, sets []string) (reward.Recipe, error) {
	var file struct {
		Reward reward.Recipe `yaml:"reward"`
	}
	file.Reward.Default()
	if mode != "" {
		file.Reward.Mode = mode
	}
	var data []byte
	name := "recipe"
	if path != "" {
		var err error
		if data, err = os.ReadFile(path); err != nil {
			return file.Reward, explainOpen("--recipe", err)
		}
		name = path
	}
	return file.Reward, recipe.Parse(data, name, &file, sets...)
}

// tokens is what cuts a text into tokens, and its name.
func (f *rewardFlags) tokens() (split func(string) []token.Token, name string, err error) {
	if f.tokenizer == "" {
		return wordTokens, "words", nil
	}
	t, err := token.Load(f.tokenizer)
	if err != nil {
		return nil, "", err
	}
	return t.Tokens, f.tokenizer, nil
}

// task loads the one problem.
func (f *rewardFlags) task(con *console) (*problem.Problem, error) {
	path, id := f.problem, ""
	if _, err := os.Stat(path); err != nil {
		if i := strings.LastIndexByte(path, '#'); i > 0 {
			path, id = path[:i], path[i+1:]
		}
	}
	s, err := loadSuite(problemFiles{"--problem", filesOf([]string{path}), f.format, false}, &reporter{console: con})
	if err != nil {
		return nil, err
	}
	if id != "" {
		return s.index.Find(id)
	}
	if len(s.problems) > 1 {
		return nil, usagef("%s has %d problems: say which one, as --problem '%s#%s'", path, len(s.problems), path, s.problems[0].TaskID)
	}
	return s.problems[0], nil
}

// readText reads a file, or standard input for "-".
func readText(path string, stdin io.Reader) (string, error) {
	if path == "-" {
		data, err := io.ReadAll(io.LimitReader(stdin, source.MaxSize+1))
		if err != nil {
			return "", fmt.Errorf("read standard input: %w", err)
		}
		return limited(data, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, source.MaxSize+1))
	if err != nil {
		return "", err
	}
	return limited(data, path)
}

func limited(data []byte, name string) (string, error) {
	if len(data) > source.MaxSize {
		return "", fmt.Errorf("%s has more than %d MiB: it is no program", name, source.MaxSize>>20)
	}
	return string(data), nil
}

// assign gives the tokens their rewards and reasons.
func (r *rewarded) assign(tokens []token.Token) error {
	if len(tokens) == 0 {
		return errors.New("--program is empty: there is no token to reward")
	}
	rewards, err := reward.Assign(r.Mode, r.Result, tokens)
	if err != nil {
		return err
	}
	shares, err := reward.Spread(r.Mode, r.Result, tokens)
	if err != nil {
		return err
	}
	r.Tokens = make([]rewardedToken, len(tokens))
	for i, t := range tokens {
		inside := slices.ContainsFunc(r.Program, func(s source.Span) bool { return s.Start < t.End && t.Start < s.End })
		r.Tokens[i] = rewardedToken{Start: t.Start, End: t.End, Reward: rewards[i], inside: inside}
	}
	for _, s := range shares {
		part := tokenPart{Amount: s.Amount, part: s.Part, mark: s.Mark}
		if s.Part >= 0 {
			part.Component = r.Parts[s.Part].Component
			if s.Mark >= 0 {
				part.Why = r.Parts[s.Part].Marks[s.Mark].Why
			}
		}
		if s.Amount != 0 {
			r.Tokens[s.Token].Shares = append(r.Tokens[s.Token].Shares, part)
		}
	}
	return nil
}

// wordTokens stands in for a tokenizer: words, runs of white space, and single other
// characters, a space going with the word behind it.
func wordTokens(text string) []token.Token {
	var out []token.Token
	for at := 0; at < len(text); {
		end := at
		if text[end] == ' ' && end+1 < len(text) && isWordByte(text[end+1]) {
			end++
		}
		switch {
		case isWordByte(text[end]):
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
		case isSpaceByte(text[end]):
			for end < len(text) && isSpaceByte(text[end]) && (text[end] != ' ' || end+1 == len(text) || !isWordByte(text[end+1])) {
				end++
			}
		default:
			end++
		}
		out = append(out, token.Token{ID: token.None, Start: at, End: end})
		at = end
	}
	return out
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

func isSpaceByte(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
