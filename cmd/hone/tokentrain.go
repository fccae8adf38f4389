package main

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"hone/internal/progress"
	"hone/token"
)

// tokenTrainFlags are the flags of hone token train.
type tokenTrainFlags struct {
	vocab        int
	out          string
	glob         string
	pattern      string
	minFrequency int
	special      []string
	force        bool
	json         bool
}

func newTokenTrain() *cobra.Command {
	var f tokenTrainFlags
	c := &cobra.Command{
		Use:   "train FOLDER|FILE… --vocab N --out DIR",
		Short: "Train a byte-level BPE tokenizer on source code",
		Long: `Train a byte-level BPE tokenizer, and write tokenizer.json and tokenizer_config.json
as Hugging Face's AutoTokenizer loads them. Folders are searched for files that match
--glob; hidden folders, and files that are not UTF-8, are left out.

The same files give the same tokenizer, which is also the one that Hugging Face's
trainer makes of them.`,
		Example: `  hone token train src --vocab 2048 --out tokenizer
  hone token train /usr/lib/python3 --vocab 16384 --pattern qwen2 --special "<|endoftext|>,<|pad|>" --out tokenizer`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name folders or files to train on (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return runTokenTrain(c.Context(), c, args, f) },
	}
	fl := c.Flags()
	fl.SortFlags = false
	fl.IntVar(&f.vocab, "vocab", 0, "how many tokens: special ones, 256 bytes and merges")
	fl.StringVar(&f.out, "out", "", "folder for the tokenizer")
	fl.StringVar(&f.glob, "glob", "*.py", "names of the files to read in folders")
	fl.StringVar(&f.pattern, "pattern", "gpt2", "how text is cut before merging: gpt2 or qwen2")
	fl.IntVar(&f.minFrequency, "min-frequency", 2, "how often a pair must occur to become a token")
	fl.StringSliceVar(&f.special, "special", []string{"<|endoftext|>"}, "special tokens, which get the first ids")
	fl.BoolVar(&f.force, "force", false, "replace another tokenizer in --out")
	fl.BoolVar(&f.json, "json", false, "print the summary as JSON on standard output")
	_ = c.RegisterFlagCompletionFunc("pattern", cobra.FixedCompletions([]string{"gpt2", "qwen2"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (f *tokenTrainFlags) check() error {
	switch {
	case f.vocab == 0:
		return usagef("--vocab is missing: how many tokens, such as 2048 (see: hone token train --help)")
	case f.vocab < 256+len(f.special):
		return usagef("--vocab %d is too small: 256 bytes and %s are %d", f.vocab, count(len(f.special), "special token", "special tokens"), 256+len(f.special))
	case f.out == "":
		return usagef("--out is missing: name a folder for the tokenizer (see: hone token train --help)")
	case f.pattern != "gpt2" && f.pattern != "qwen2":
		return usagef("--pattern %q: it is gpt2 or qwen2", f.pattern)
	case f.minFrequency < 1:
		return usagef("--min-frequency %d: at least 1", f.minFrequency)
	}
	if _, err := filepath.Match(f.glob, ""); err != nil || f.glob == "" {
		return usagef("--glob %q is no pattern: want one such as *.py", f.glob)
	}
	return nil
}

// trainedSummary is what hone token train prints.
type trainedSummary struct {
	Out           string  `json:"out"`
	Tokens        int     `json:"tokens"`
	Files         int     `json:"files"`
	Skipped       int     `json:"skipped_files"`
	Bytes         int64   `json:"bytes"`
	BytesPerToken float64 `json:"bytes_per_token"` // over the first megabytes trained on
	Fingerprint   string  `json:"fingerprint"`
	Unchanged     bool    `json:"unchanged"` // the same tokenizer was there
	Seconds       float64 `json:"seconds"`
}

func runTokenTrain(ctx context.Context, c *cobra.Command, args []string, f tokenTrainFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	files, err := sourceFiles(args, f.glob)
	if err != nil {
		return err
	}
	start := time.Now()
	r := &textFiles{paths: files, console: newConsole()}
	bar := progress.New(os.Stderr, "files read", len(files), 0)
	r.console.bar.Store(bar)
	made := 0
	t, err := token.Train(ctx, r.texts(bar), token.TrainOptions{
		VocabSize: f.vocab, MinFrequency: f.minFrequency, Special: f.special, Pattern: f.pattern,
		Progress: func(doing string, done, total int) {
			if doing != token.Merging {
				return
			}
			if made == 0 {
				bar.Finish()
				bar = progress.New(os.Stderr, "tokens made", total, done)
				r.console.bar.Store(bar)
				made = done
			}
			bar.Add(done-made, "")
			made = done
		},
	})
	bar.Finish()
	switch {
	case r.err != nil:
		return r.err
	case err != nil:
		return err
	}
	if t.Size() < f.vocab {
		r.console.println(fmt.Sprintf("warning: %d tokens instead of %d: no other pair occurs %s (more text, or a lower --min-frequency, gives more)", t.Size(), f.vocab, count(f.minFrequency, "time", "times")))
	}
	s := &trainedSummary{
		Out: f.out, Tokens: t.Size(), Files: r.read, Skipped: r.skipped, Bytes: r.bytes,
		BytesPerToken: bytesPerToken(ctx, t, files), Fingerprint: t.Fingerprint(),
	}
	if s.Unchanged, err = saveTokenizer(t, f.out, f.force); err != nil {
		return err
	}
	s.Seconds = time.Since(start).Seconds()
	if f.json {
		return printJSON(os.Stdout, s)
	}
	if s.Skipped > namedFiles {
		r.console.println(fmt.Sprintf("warning: %d files are not UTF-8 and were left out", s.Skipped))
	}
	there := ""
	if s.Unchanged {
		there = " (it was there already)"
	}
	fmt.Fprintf(c.OutOrStdout(), "%d tokens from %s, %.1f MB, in %.1f s; %.2f bytes a token\n%s%s\n",
		s.Tokens, count(s.Files, "file", "files"), float64(s.Bytes)/1e6, s.Seconds, s.BytesPerToken, f.out, there)
	return nil
}

// saveTokenizer writes t, unless it is there; another one is replaced only if force says so.
func saveTokenizer(t *token.Tokenizer, dir string, force bool) (unchanged bool, err error) {
	if _, err := os.Stat(filepath.Join(dir, "tokenizer.json")); err == nil && !force {
		old, err := token.Load(dir)
		if err != nil || old.Fingerprint() != t.Fingerprint() {
			return false, fmt.Errorf("--out %s holds another tokenizer: --force replaces it", dir)
		}
		return true, nil
	}
	return false, t.Save(dir)
}

// sourceFiles lists the files that args name, and those in folders that match glob, in order.
func sourceFiles(args []string, glob string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			files = append(files, arg)
			continue
		}
		n := len(files)
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
				return filepath.SkipDir
			case d.IsDir():
				return nil
			}
			if ok, _ := filepath.Match(glob, d.Name()); ok && d.Type().IsRegular() { // check made sure of the pattern
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(files) == n {
			return nil, fmt.Errorf("%s: no file in it is named %s (choose others with --glob)", arg, glob)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// namedFiles is how many of the files that are left out are named, not only counted.
const namedFiles = 5

// textFiles reads files one after the other.
type textFiles struct {
	paths   []string
	console *console
	read    int
	skipped int
	bytes   int64
	err     error // that ended reading
}

// texts yields the files that are text.
func (r *textFiles) texts(bar *progress.Bar) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, path := range r.paths {
			data, err := os.ReadFile(path)
			if err != nil {
				r.err = err
				return
			}
			bar.Add(1, "")
			if !utf8.Valid(data) {
				if r.skipped++; r.skipped <= namedFiles {
					r.console.println(fmt.Sprintf("warning: %s is not UTF-8: left out", path))
				}
				continue
			}
			r.read++
			r.bytes += int64(len(data))
			if !yield(string(data)) {
				return
			}
		}
	}
}

// bytesPerToken measures t on the first megabytes of files.
func bytesPerToken(ctx context.Context, t *token.Tokenizer, files []string) float64 {
	const enough = 4 << 20
	size, tokens := 0, 0
	var ids []int32
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil || ctx.Err() != nil || size > enough {
			break
		}
		if utf8.Valid(data) {
			ids = t.AppendEncode(ids[:0], string(data))
			size, tokens = size+len(data), tokens+len(ids)
		}
	}
	if tokens == 0 {
		return 0
	}
	return float64(size) / float64(tokens)
}
