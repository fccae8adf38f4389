package problem

import (
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"

	"hone/internal/words"
)

// Format names the layout of a problem file.
type Format string

// The formats that Load and Read know.
const (
	FormatAuto          Format = "auto" // by the fields of the first rows
	FormatMBPP          Format = "mbpp"
	FormatMBPPSanitized Format = "mbpp-sanitized"
	FormatMBPPPlus      Format = "mbppplus"
	FormatHumanEval     Format = "humaneval"
	FormatHumanEvalPlus Format = "humanevalplus"
	FormatBigCodeBench  Format = "bigcodebench"
	FormatAPPS          Format = "apps"
	FormatCodeContests  Format = "codecontests"
	FormatLiveCodeBench Format = "livecodebench"
	FormatRoboEval      Format = "roboeval"
	FormatHone          Format = "hone" // our own rows, see SchemaVersion
)

// Formats lists the formats, auto first.
func Formats() []Format {
	return []Format{
		FormatAuto, FormatMBPP, FormatMBPPSanitized, FormatMBPPPlus, FormatHumanEval, FormatHumanEvalPlus,
		FormatBigCodeBench, FormatAPPS, FormatCodeContests, FormatLiveCodeBench, FormatRoboEval, FormatHone,
	}
}

// Issue is something wrong with one row, or with the rest of a file; reading goes on where it can.
type Issue struct {
	Where   string // "file:line"
	Field   string // the field at fault, or ""
	Message string
}

// Error formats the issue as `mbpp.jsonl:12: field "test_list" is missing`.
func (i Issue) Error() string {
	if i.Field == "" {
		return i.Where + ": " + i.Message
	}
	return fmt.Sprintf("%s: field %q %s", i.Where, i.Field, i.Message)
}

// Suite is what a problem file holds.
type Suite struct {
	Problems []*Problem
	Issues   []Issue // in the order of the file
	Format   Format  // never FormatAuto once a row was recognised
}

// Option changes what is imported.
type Option func(*options)

type options struct{ challenge bool }

// WithChallenge adds MBPP's challenge_test_list as hidden tests "challenge[i]".
// They are left out by default: published numbers are over test_list.
func WithChallenge() Option { return func(o *options) { o.challenge = true } }

// Load reads the problem file at path, or stdin where path is "-": JSON lines or
// one JSON array, plain, gzip or zstd (told by content). A row that cannot be
// used becomes an Issue. The error is for what stops everything: the file
// cannot be opened, or no row of it is recognised.
func Load(path string, format Format, stdin io.Reader, opts ...Option) (*Suite, error) {
	r, name, done, err := openInput(path, stdin)
	if err != nil {
		return nil, err
	}
	defer done()
	return Read(r, name, format, opts...)
}

// Read is Load from a reader; name stands for the file in messages.
func Read(r io.Reader, name string, format Format, opts ...Option) (*Suite, error) {
	if format == "" {
		format = FormatAuto
	}
	if !slices.Contains(Formats(), format) {
		return nil, unknownFormat(format)
	}
	rows, err := newRowReader(r, name)
	if err != nil {
		return nil, err
	}
	defer rows.close()
	if head, _ := rows.r.Peek(1 << 12); format == FormatRoboEval || format == FormatAuto && looksLikeRoboEval(head) {
		return readRoboEval(rows.r, name)
	}
	im := &importing{set: &Suite{Format: format}, seen: map[string][32]byte{}}
	for _, o := range opts {
		o(&im.opts)
	}
	for {
		raw, ok := rows.next()
		if !ok {
			break
		}
		im.add(raw)
	}
	return im.finish(name)
}

func unknownFormat(f Format) error {
	names := make([]string, 0, len(Formats()))
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return fmt.Errorf("unknown problem format %q (nearest: %s; known: %s)", f, words.Nearest(string(f), names), strings.Join(names, ", "))
}

// maxUnknown is how many rows in a row may be unrecognised before auto gives up.
const maxUnknown = 100

type importing struct {
	set     *Suite
	opts    options
	seen    map[string][32]byte // benchmark and task id → hash of the row
	read    int                 // rows that were JSON objects
	unknown []*row              // rows auto detection could not tell yet
	fields  []string            // the first row's fields, for the message
	barren  bool                // rows of a known kind without tests
}

func (im *importing) issue(i Issue) { im.set.Issues = append(im.set.Issues, i) }

func (im *importing) add(raw rawRow) {
	if raw.issue != nil {
		im.issue(*raw.issue)
		return
	}
	r, bad := parseRow(raw, im.set.Format)
	if bad != nil {
		im.issue(*bad)
		return
	}
	if im.read++; im.read == 1 {
		im.fields = r.keys()
	}
	if im.barren {
		return
	}
	if isPromptOnly(r) {
		im.barren, im.set.Format = true, FormatCodeContests
		im.issue(Issue{Where: r.where, Field: "test", Message: "is empty, as in all rows of CodeT's CodeContests prompts: they ask for tests and have none, so there is nothing to judge with (take the CodeContests dataset itself)"})
		return
	}
	if im.set.Format == FormatAuto {
		f := detect(r)
		if f == "" {
			if len(im.unknown) < maxUnknown {
				im.unknown = append(im.unknown, r)
			}
			return
		}
		im.set.Format = f
		for _, u := range im.unknown {
			u.format = f
			im.take(u)
		}
		im.unknown, r.format = nil, f
	}
	im.take(r)
}

func (im *importing) take(r *row) {
	p := importerOf(im.set.Format)(r, &im.opts)
	if r.bad != nil {
		im.issue(*r.bad)
		return
	}
	key := p.Benchmark + "\x00" + p.TaskID
	if h, again := im.seen[key]; again {
		msg := fmt.Sprintf("%q is there twice with different content; the first one is used", p.TaskID)
		if h == r.hash {
			msg = fmt.Sprintf("%q is there twice, identically; the second one is ignored", p.TaskID)
		}
		im.issue(Issue{Where: r.where, Field: "task_id", Message: msg})
		return
	}
	im.seen[key] = r.hash
	im.set.Problems = append(im.set.Problems, p)
}

func (im *importing) finish(name string) (*Suite, error) {
	switch {
	case im.barren || len(im.set.Problems) > 0:
		return im.set, nil
	case im.read == 0 && len(im.set.Issues) == 0:
		return nil, fmt.Errorf("%s: the file has no rows", name)
	case im.read == 0:
		return nil, fmt.Errorf("%s: no row is a JSON object; the first: %w", name, im.set.Issues[0])
	case im.set.Format == FormatAuto:
		hint := "see docs/formats.md, or name the format with --format"
		if slices.ContainsFunc([]string{"code_list", "completion", "solution", "response", "code"}, func(f string) bool { return slices.Contains(im.fields, f) }) &&
			(slices.Contains(im.fields, "task_id") || slices.Contains(im.fields, "question_id")) {
			hint = "this looks like a file of samples, not of problems"
		}
		return nil, fmt.Errorf("%s: no known problem format has the fields %s (%s)", name, strings.Join(im.fields, ", "), hint)
	}
	return nil, fmt.Errorf("%s: none of %d rows is a usable %s problem; the first: %w", name, im.read, im.set.Format, im.set.Issues[0])
}

func hashRow(text []byte) [32]byte { return sha256.Sum256(text) }
