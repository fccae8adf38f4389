package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hone/token"
)

func newToken() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Train tokenizers, and see what they make of a text",
		Example: `  hone token train src --vocab 2048 --out tokenizer
  hone token show tokenizer "def add(a, b):"`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newTokenTrain(), newTokenShow())
	return c
}

// shown is what hone token show prints about a text.
type shown struct {
	Tokens        []shownToken `json:"tokens"`
	Count         int          `json:"count"`
	Bytes         int          `json:"bytes"`
	BytesPerToken float64      `json:"bytes_per_token,omitempty"`
}

type shownToken struct {
	ID      int32  `json:"id"`
	Piece   string `json:"piece"`
	Start   int    `json:"start"` // bytes [start, end) of the text
	End     int    `json:"end"`
	Special bool   `json:"special,omitempty"`
}

// shownTokenizer is what hone token show prints without a text.
type shownTokenizer struct {
	Size        int              `json:"size"`
	Special     map[string]int32 `json:"special"` // by role
	Before      []int32          `json:"before"`  // put around a text with --special
	After       []int32          `json:"after"`
	Fingerprint string           `json:"fingerprint"`
}

func newTokenShow() *cobra.Command {
	var asJSON, special bool
	c := &cobra.Command{
		Use:   "show TOKENIZER [TEXT|-]",
		Short: "Show the tokens of a text, or what a tokenizer is",
		Long: `Show the tokens of a text with the bytes that each covers; "-" reads the text from
standard input. Without a text, show what the tokenizer is.

TOKENIZER is a tokenizer.json or a folder with one.`,
		Example: `  hone token show tokenizer "def add(a, b):"
  hone token show model - < main.py
  hone token show tokenizer.json --json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("name a tokenizer, and a text in quotes or - (see: %s --help)", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			t, err := token.Load(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				d := describeTokenizer(t)
				if asJSON {
					return printJSON(os.Stdout, d)
				}
				return d.print(c.OutOrStdout(), t)
			}
			text := args[1]
			if text == "-" {
				data, err := io.ReadAll(c.InOrStdin())
				if err != nil {
					return fmt.Errorf("read standard input: %w", err)
				}
				text = string(data)
			}
			s := showTokens(t, text, special)
			if asJSON {
				return printJSON(os.Stdout, s)
			}
			return s.print(c.OutOrStdout(), t)
		},
	}
	c.Flags().BoolVar(&special, "special", false, "with the tokens that the tokenizer puts around a text")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func showTokens(t *token.Tokenizer, text string, special bool) *shown {
	tokens := t.Tokens(text)
	if special {
		before, after := t.Around()
		var all []token.Token
		for _, id := range before {
			all = append(all, token.Token{ID: id})
		}
		all = append(all, tokens...)
		for _, id := range after {
			all = append(all, token.Token{ID: id, Start: len(text), End: len(text)})
		}
		tokens = all
	}
	s := &shown{Tokens: make([]shownToken, len(tokens)), Count: len(tokens), Bytes: len(text)}
	for i, tok := range tokens {
		s.Tokens[i] = shownToken{tok.ID, t.Piece(tok.ID), tok.Start, tok.End, t.IsSpecial(tok.ID)}
	}
	if len(tokens) > 0 {
		s.BytesPerToken = float64(len(text)) / float64(len(tokens))
	}
	return s
}

func (s *shown) print(w io.Writer, t *token.Tokenizer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "id\tbytes\ttext\tpiece")
	for _, tok := range s.Tokens {
		text, _ := t.Text(tok.ID)
		fmt.Fprintf(tw, "%d\t%d–%d\t%q\t%s\n", tok.ID, tok.Start, tok.End, text, strings.TrimSpace(tok.Piece))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	perToken := ""
	if s.Count > 0 {
		perToken = fmt.Sprintf(", %.2f bytes a token", s.BytesPerToken)
	}
	_, err := fmt.Fprintf(w, "\n%s, %s%s\n", count(s.Count, "token", "tokens"), count(s.Bytes, "byte", "bytes"), perToken)
	return err
}

// tokenRoles are the roles of special tokens by name.
func tokenRoles(t *token.Tokenizer) ([]string, map[string]int32) {
	s := t.Special()
	return []string{"bos", "eos", "pad", "unk", "mask", "cls", "sep"}, map[string]int32{
		"bos": s.BOS, "eos": s.EOS, "pad": s.PAD, "unk": s.UNK, "mask": s.MASK, "cls": s.CLS, "sep": s.SEP,
	}
}

func describeTokenizer(t *token.Tokenizer) *shownTokenizer {
	before, after := t.Around()
	out := &shownTokenizer{Size: t.Size(), Special: map[string]int32{}, Before: append([]int32{}, before...), After: append([]int32{}, after...), Fingerprint: t.Fingerprint()}
	names, ids := tokenRoles(t)
	for _, name := range names {
		if ids[name] != token.None {
			out.Special[name] = ids[name]
		}
	}
	return out
}

func (s *shownTokenizer) print(w io.Writer, t *token.Tokenizer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "size\t%d\n", s.Size)
	names, _ := tokenRoles(t)
	for _, name := range names {
		if id, ok := s.Special[name]; ok {
			fmt.Fprintf(tw, "%s\t%d %s\n", name, id, t.Piece(id))
		}
	}
	if len(s.Before)+len(s.After) > 0 {
		fmt.Fprintf(tw, "around a text\t%s … %s\n", t.Decode(s.Before), t.Decode(s.After))
	}
	fmt.Fprintf(tw, "fingerprint\t%s\n", s.Fingerprint)
	return tw.Flush()
}
