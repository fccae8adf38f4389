package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hone/model"
	"hone/token"
)

func newModel() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "Look at, convert and merge checkpoints",
		Long: `Look at, convert and merge checkpoints.

A checkpoint is a folder as Hugging Face's transformers writes it: config.json,
model.safetensors (or an index and shards) and the tokenizer's files. Hone reads
and writes GPT-2, Llama and Qwen2 models.`,
		Example: `  hone model info runs/clm-tiny/model
  hone model export runs/lora/model --base Qwen2.5-Coder-0.5B --out merged`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newModelInfo(), newModelExport(), newModelImport(), newModelMasked(), newModelNew())
	return c
}

// modelInfo is what hone model info says.
type modelInfo struct {
	Path         string             `json:"path"`
	Architecture model.Architecture `json:"architecture"`
	Head         model.Head         `json:"head"`
	Parameters   int64              `json:"parameters"`
	Layers       int                `json:"layers"`
	Width        int                `json:"width"`
	Heads        int                `json:"heads"`
	KVHeads      int                `json:"kv_heads"`
	FFN          int                `json:"ffn"`
	Vocab        int                `json:"vocabulary"`
	Positions    int                `json:"positions"`
	Tied         bool               `json:"tied_embeddings"`
	Tokens       int                `json:"tokenizer_tokens,omitempty"`
	Adapters     *model.LoRA        `json:"adapters,omitempty"`
	Tensors      []tensorInfo       `json:"tensors,omitempty"`
}

type tensorInfo struct {
	Name  string `json:"name"`
	Shape []int  `json:"shape"`
	// Stored are the names in the checkpoint.
	Stored []string `json:"stored"`
}

func newModelInfo() *cobra.Command {
	var asJSON, tensors bool
	c := &cobra.Command{
		Use:   "info FOLDER",
		Short: "What a checkpoint holds, and whether it is whole",
		Long: `What a checkpoint holds, and whether it is whole: every tensor is read and
compared with config.json, and the tokenizer with the vocabulary.`,
		Example: "  hone model info runs/clm-tiny/model --tensors",
		Args:    oneFolder,
		RunE: func(c *cobra.Command, args []string) error {
			m, err := model.Load(args[0], model.LoadOptions{})
			if err != nil {
				return err
			}
			info := describe(args[0], m)
			if !tensors {
				info.Tensors = nil
			}
			if hasTokenizer(args[0]) {
				tok, err := token.Load(args[0])
				if err != nil {
					return err
				}
				if err := fits(args[0], tok, m); err != nil {
					return err
				}
				info.Tokens = tok.Size()
			}
			if asJSON {
				enc := json.NewEncoder(os.Stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(info)
			}
			info.print(c.OutOrStdout())
			return nil
		},
	}
	c.Flags().BoolVar(&tensors, "tensors", false, "list the tensors")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func describe(path string, m *model.Model) modelInfo {
	info := modelInfo{
		Path: path, Architecture: m.Architecture, Head: m.Head, Parameters: m.Parameters(), Layers: m.Layers, Width: m.Width, Heads: m.Heads,
		KVHeads: m.KVHeads, FFN: m.FFN, Vocab: m.Vocab, Positions: m.Positions, Tied: m.TieEmbeddings, Adapters: m.LoRA,
	}
	for _, s := range m.Layout() {
		t := tensorInfo{Name: s.Name, Shape: s.Shape}
		for _, st := range s.Stored {
			t.Stored = append(t.Stored, st.Name)
		}
		info.Tensors = append(info.Tensors, t)
	}
	return info
}

func (i modelInfo) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("architecture", "%s, head for %s", i.Architecture, i.Head)
	row("parameters", "%s", thousands(i.Parameters))
	row("layers", "%d of width %d, %d heads (%d for keys and values), feed-forward %d", i.Layers, i.Width, i.Heads, i.KVHeads, i.FFN)
	tied := ""
	if i.Tied {
		tied = ", also for the logits"
	}
	row("vocabulary", "%d%s", i.Vocab, tied)
	if i.Tokens > 0 {
		row("tokenizer", "%d tokens", i.Tokens)
	} else {
		row("tokenizer", "none in the folder")
	}
	row("positions", "%d", i.Positions)
	if i.Adapters != nil {
		row("adapters", "rank %d, alpha %g", i.Adapters.Rank, i.Adapters.Alpha)
	}
	t.Flush()
	if len(i.Tensors) > 0 {
		fmt.Fprintln(w)
		t = tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		for _, x := range i.Tensors {
			fmt.Fprintf(t, "%s\t%v\t%s\n", x.Name, x.Shape, strings.Join(x.Stored, ", "))
		}
		t.Flush()
	}
}

// thousands writes n in groups of three digits.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// convertFlags are those of export and import.
type convertFlags struct {
	base, out, dtype, tokenizer string
	force                       bool
}

func (f *convertFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.out, "out", "", "folder to write")
	c.Flags().StringVar(&f.dtype, "dtype", "", "type of the weights: float32, bfloat16 or float16 (default: as they were)")
	c.Flags().BoolVar(&f.force, "force", false, "write into a folder that is not empty")
}

func newModelExport() *cobra.Command {
	var f convertFlags
	c := &cobra.Command{
		Use:   "export FOLDER --out FOLDER",
		Short: "Write a checkpoint that transformers loads, adapters merged",
		Long: `Write a checkpoint that transformers loads, with the tokenizer. Adapters that
hone train made (or PEFT) are added to the weights of --base.`,
		Example: "  hone model export runs/lora/model --base Qwen2.5-Coder-0.5B --out merged --dtype bfloat16",
		Args:    oneFolder,
		RunE:    func(c *cobra.Command, args []string) error { return f.convert(c, args[0]) },
	}
	c.Flags().StringVar(&f.base, "base", "", "folder of the model that the adapters belong to (default: the one they name)")
	f.register(c)
	return c
}

func newModelImport() *cobra.Command {
	var f convertFlags
	c := &cobra.Command{
		Use:   "import FOLDER --out FOLDER",
		Short: "Check a checkpoint from elsewhere and write it as one file of the wanted type",
		Long: `Check a checkpoint from elsewhere (shards, 16-bit weights, old names, a
tokenizer in another folder) and write it as one folder that every command reads.`,
		Example: "  hone model import ~/models/Qwen2.5-Coder-0.5B --out base",
		Args:    oneFolder,
		RunE:    func(c *cobra.Command, args []string) error { return f.convert(c, args[0]) },
	}
	c.Flags().StringVar(&f.tokenizer, "tokenizer", "", "folder or tokenizer.json of the tokenizer (default: beside the model)")
	f.register(c)
	return c
}

// convert reads the model in dir and writes it to --out.
func (f *convertFlags) convert(c *cobra.Command, dir string) error {
	if sameFolder(dir, f.out) {
		return usagef("--out %s is the folder that is read: name another", f.out)
	}
	if err := checkModelOut(f.out, f.dtype, f.force); err != nil {
		return err
	}
	m, from, err := loadWithBase(dir, f.base)
	if err != nil {
		return err
	}
	if f.tokenizer == "" {
		f.tokenizer = from
	}
	tok, err := token.Load(f.tokenizer)
	if err != nil {
		return fmt.Errorf("%w (name the tokenizer's folder: hone model import --tokenizer)", err)
	}
	if err := fits(f.tokenizer, tok, m); err != nil {
		return err
	}
	m.Merge()
	if f.dtype != "" {
		m.DType = model.DType(f.dtype)
	}
	if err := m.Save(f.out, ""); err != nil {
		return err
	}
	if err := tok.Save(f.out); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s: %s, %s parameters as %s\n", f.out, m.Architecture, thousands(m.Parameters()), m.DType)
	return nil
}

func hasTokenizer(dir string) bool {
	for _, name := range []string{"tokenizer.json", "vocab.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// fits says whether the model has a row for every token.
func fits(path string, tok *token.Tokenizer, m *model.Model) error {
	if tok.Size() > m.Vocab {
		return fmt.Errorf("%s: the tokenizer has %d tokens, the model's vocabulary %d: they do not belong together", path, tok.Size(), m.Vocab)
	}
	return nil
}

// loadWithBase loads the model in dir; where dir holds adapters alone, that of base
// (or of the folder the adapters name) with them. from is the folder of the weights.
func loadWithBase(dir, base string) (m *model.Model, from string, err error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, "", fmt.Errorf("%s is a file; a model is the folder with config.json and its weights", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, "config.json")); err == nil {
		if base != "" {
			return nil, "", usagef("--base %s: %s is a whole model, not adapters", base, dir)
		}
		m, err := model.Load(dir, model.LoadOptions{})
		return m, dir, err
	}
	if base == "" {
		if base, err = model.AdapterBase(dir); err != nil {
			return nil, "", err
		}
	}
	if m, err = model.Load(base, model.LoadOptions{}); err != nil {
		return nil, "", fmt.Errorf("the model that the adapters in %s belong to: %w (name it with --base)", dir, err)
	}
	return m, base, m.LoadAdapters(dir)
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// oneFolder is the argument FOLDER.
func oneFolder(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usagef("FOLDER is missing: a folder with config.json and model.safetensors (see: %s --help)", c.CommandPath())
	case len(args) > 1:
		return usagef("%q is too much: one folder is read (see: %s --help)", args[1], c.CommandPath())
	}
	return nil
}
