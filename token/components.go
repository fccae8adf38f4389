package token

import (
	"errors"
	"fmt"
)

// placed is a component and its place in the file.
type placed struct {
	*component
	at string
}

// deepest is how far Sequences may nest: nobody nests them, and places grow with it.
const deepest = 8

// flatten lists c, which is at a place in the file, or what its Sequences hold in field.
func flatten(at, field string, c *component) ([]placed, error) {
	var out []placed
	var visit func(at string, c *component, depth int) error
	visit = func(at string, c *component, depth int) error {
		switch {
		case depth > deepest:
			return fmt.Errorf("%s: sequences nest more than %d deep", at, deepest)
		case c == nil:
			return fmt.Errorf("%s is null", at)
		case c.Type != "Sequence":
			out = append(out, placed{c, at})
			return nil
		}
		for i, part := range c.sequence(field) {
			if err := visit(fmt.Sprintf("%s.%s[%d]", at, field, i), part, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if c == nil {
		return nil, nil
	}
	return out, visit(at, c, 0)
}

func (t *Tokenizer) loadNormalizer(c *component) error {
	parts, err := flatten("normalizer", "normalizers", c)
	for _, p := range parts {
		if p.Type != "NFC" {
			return fmt.Errorf("%s: type %q is not supported (NFC or none)", p.at, p.Type)
		}
		t.compose = true
	}
	return err
}

// loadPreTokenizer wants ByteLevel at the end, after Split and Digits.
func (t *Tokenizer) loadPreTokenizer(c *component) error {
	if c == nil {
		return errors.New("pre_tokenizer is missing: byte-level BPE needs one of type ByteLevel")
	}
	parts, err := flatten("pre_tokenizer", "pretokenizers", c)
	if err != nil {
		return err
	}
	for i, p := range parts {
		switch p.Type {
		case "ByteLevel":
			if i < len(parts)-1 {
				return fmt.Errorf("%s: ByteLevel comes last, before %s", p.at, parts[i+1].at)
			}
			t.prefix = p.AddPrefixSpace == nil || *p.AddPrefixSpace
			if p.UseRegex == nil || *p.UseRegex {
				t.scan = scanGPT2
			}
			return nil
		case "Digits":
			t.stages = append(t.stages, splitDigits(p.IndividualDigits))
		case "Split":
			split, err := newSplit(p.component)
			if err != nil {
				return fmt.Errorf("%s: %w", p.at, err)
			}
			t.stages = append(t.stages, split)
		default:
			return fmt.Errorf("%s: type %q is not supported (byte-level BPE only: Split, Digits and, last, ByteLevel)", p.at, p.Type)
		}
	}
	return errors.New("pre_tokenizer: there is no ByteLevel at the end (byte-level BPE only)")
}

func (t *Tokenizer) loadPostProcessor(c *component) error {
	parts, err := flatten("post_processor", "processors", c)
	if err != nil {
		return err
	}
	for _, p := range parts {
		switch p.Type {
		case "ByteLevel": // trims offsets, which ours are not
		case "RobertaProcessing", "BertProcessing":
			err = t.loadClsSep(p)
		case "TemplateProcessing":
			err = t.loadTemplate(p)
		default:
			err = fmt.Errorf("%s: type %q is not supported (ByteLevel, RobertaProcessing, BertProcessing, TemplateProcessing)", p.at, p.Type)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// around adds what a post-processor puts around what those before it made.
func (t *Tokenizer) around(before, after []int32) {
	t.before, t.after = append(before, t.before...), append(t.after, after...)
}

func (t *Tokenizer) loadClsSep(c placed) error {
	for _, part := range []struct {
		name string
		*named
	}{{"cls", c.Cls}, {"sep", c.Sep}} {
		if part.named == nil {
			return fmt.Errorf("%s: %s is missing", c.at, part.name)
		}
		if err := t.checkNamed(part.text, part.id); err != nil {
			return fmt.Errorf("%s.%s: %w", c.at, part.name, err)
		}
	}
	t.around([]int32{c.Cls.id}, []int32{c.Sep.id})
	t.special.CLS, t.special.SEP = c.Cls.id, c.Sep.id
	return nil
}

func (t *Tokenizer) loadTemplate(c placed) error {
	var before, after []int32
	sequences := 0
	for i, piece := range c.Single {
		switch {
		case piece.Sequence != nil:
			sequences++
		case piece.Special != nil:
			s, ok := c.SpecialTokens[piece.Special.ID]
			if !ok {
				return fmt.Errorf("%s.single[%d]: %q is not among special_tokens", c.at, i, piece.Special.ID)
			}
			for j, id := range s.IDs {
				text := ""
				if j < len(s.Tokens) {
					text = s.Tokens[j]
				}
				if err := t.checkNamed(text, id); err != nil {
					return fmt.Errorf("%s.special_tokens: %q: %w", c.at, piece.Special.ID, err)
				}
			}
			if sequences == 0 {
				before = append(before, s.IDs...)
			} else {
				after = append(after, s.IDs...)
			}
		}
	}
	if sequences != 1 {
		return fmt.Errorf("%s.single has the sequence %d times, want once", c.at, sequences)
	}
	t.around(before, after)
	return nil
}

// checkNamed makes sure that text, which the file says has the id, has it.
func (t *Tokenizer) checkNamed(text string, id int32) error {
	if !t.has(id) {
		return fmt.Errorf("no token has the id %d", id)
	}
	if e := t.entries[id]; e.piece != text && e.text != text {
		return fmt.Errorf("the id %d is %q, not %q", id, e.piece, text)
	}
	return nil
}

func checkDecoder(c *component) error {
	parts, err := flatten("decoder", "decoders", c)
	for _, p := range parts {
		if p.Type != "ByteLevel" {
			return fmt.Errorf("%s: type %q is not supported (byte-level BPE only)", p.at, p.Type)
		}
	}
	return err
}
