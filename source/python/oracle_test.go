package python

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"hone/source"
)

// oracle is CPython, which only parses.
type oracle struct {
	in  io.Writer
	out *bufio.Reader
}

// answer is what testdata/gen/oracle.py says of a program.
type answer struct {
	Version Version
	Error   *string
	AST     string
	Tokens  *string
}

// newOracle starts the Python that HONE_PYTHON names, or python3 of Debian.
func newOracle(t testing.TB, script string, args ...string) *oracle {
	name := os.Getenv("HONE_PYTHON")
	if name == "" {
		name = "/usr/bin/python3"
	}
	if _, err := exec.LookPath(name); err != nil {
		t.Skip("no python3 to compare with")
	}
	cmd := exec.Command(name, append([]string{"testdata/gen/" + script}, args...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &oracle{in, bufio.NewReaderSize(out, 1<<20)}
}

// ask sends a line and reads the answer into a.
func (o *oracle) ask(t testing.TB, question string, a any) {
	t.Helper()
	if _, err := fmt.Fprintln(o.in, question); err != nil {
		t.Fatal(err)
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	if err := json.Unmarshal(line, a); err != nil {
		t.Fatal(err)
	}
}

func (o *oracle) program(t testing.TB, path string) answer {
	t.Helper()
	var a answer
	o.ask(t, path, &a)
	return a
}

// dumpLike is what the oracle dumps.
func dumpLike(m *Module, v Version) string {
	if v < 12 {
		for n := range Walk(m) {
			if j, ok := n.(*JoinedStr); ok {
				for inner := range Walk(j) {
					if inner != Node(j) {
						clearSpan(inner)
					}
				}
			}
		}
	}
	return DumpPositions(m, v)
}

func clearSpan(n Node) {
	if b, ok := n.(interface{ self() *Base }); ok {
		b.self().Span = source.Span{}
	}
}

func (b *Base) self() *Base { return b }

// tokensLike are the tokens as the oracle writes them. Columns count
// characters there.
func tokensLike(text []byte, tokens []Token) string {
	lines := source.NewLines(text)
	var b bytes.Buffer
	b.WriteByte('[')
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(',')
		}
		word := string(text[t.Span.Start:t.Span.End])
		start, end := lines.Position(t.Span.Start), lines.Position(t.Span.End)
		switch {
		case t.Kind == NEWLINE && word == "":
			end.Rune++
		case (t.Kind == NEWLINE || t.Kind == NL) && word != "":
			end = start
			end.Rune += len(word)
		case t.Kind == ENDMARKER || t.Kind == DEDENT && t.Span.Start == len(text):
			if start.Rune > 0 {
				start = source.Position{Line: start.Line + 1}
			}
			end = start
		}
		b.WriteByte('[')
		fmt.Fprintf(&b, "%q,", t.Kind.String())
		appendJSON(&b, word)
		fmt.Fprintf(&b, ",%d,%d,%d,%d]", start.Line, start.Rune, end.Line, end.Rune)
	}
	b.WriteByte(']')
	return b.String()
}

// appendJSON writes a string as Python's json does without ensure_ascii.
func appendJSON(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\b':
			b.WriteString(`\b`)
		case r < ' ':
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// digest is that of oracle.py: of ASCII, all else escaped as repr does it, since which characters
// repr leaves as they are differs between versions of Unicode.
func digest(s string) string {
	b := make([]byte, 0, len(s))
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			r, size = surrogateAt(s)
		}
		s = s[size:]
		switch {
		case r < 0x80:
			b = append(b, byte(r))
		case r < 0x100:
			b = appendHex(append(b, '\\', 'x'), r, 2)
		case r < 0x10000:
			b = appendHex(append(b, '\\', 'u'), r, 4)
		default:
			b = appendHex(append(b, '\\', 'U'), r, 8)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// realPrograms lists Python files of this machine, or those below the folder
// HONE_PROGRAMS, in a fixed order.
func realPrograms(t testing.TB) []string {
	roots, _ := filepath.Glob("/usr/lib/python3*")
	if folder := os.Getenv("HONE_PROGRAMS"); folder != "" {
		roots = []string{folder}
	}
	var paths []string
	for _, root := range roots {
		filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") {
				paths = append(paths, path)
			}
			return nil
		})
	}
	sort.Strings(paths)
	if len(paths) == 0 {
		t.Skip("no Python programs on this machine")
	}
	return paths
}

// sample picks programs of at most a size in bytes, evenly.
func sample(paths []string, limit int, size int64) []string {
	var small []string
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Size() <= size {
			small = append(small, path)
		}
	}
	if len(small) > limit {
		for i := range limit {
			small[i] = small[i*len(small)/limit]
		}
		small = small[:limit]
	}
	return small
}

// firstDifference shows where two texts part.
func firstDifference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	cut := func(s string) string {
		return strings.ToValidUTF8(s[max(0, i-150):min(len(s), i+150)], "?")
	}
	return fmt.Sprintf("at %d:\n have %s\n want %s", i, cut(a), cut(b))
}

// TestRealPrograms compares trees with positions, and tokens, with CPython's.
func TestRealPrograms(t *testing.T) {
	paths := realPrograms(t)
	paths = sample(paths, 150, 20_000)
	if os.Getenv("HONE_LONG") != "" {
		paths = sample(realPrograms(t), 6000, 50_000)
	}
	fast, full := newOracle(t, "oracle.py", "hash"), newOracle(t, "oracle.py")
	var programs, refused, bytesRead int
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		a := fast.program(t, path)
		m, err := Parse(src)
		if (a.Error != nil) != (err != nil) {
			want := "accepts"
			if a.Error != nil {
				want = *a.Error
			}
			t.Errorf("%s: %v; CPython: %s", path, err, want)
			continue
		}
		programs++
		bytesRead += len(src)
		if err != nil {
			refused++
			continue
		}
		if have := dumpLike(m, a.Version); digest(have) != a.AST {
			t.Errorf("%s: tree differs %s", path, firstDifference(have, full.program(t, path).AST))
		}
		tokens := m.Tokens
		if a.Version < 12 {
			tokens = JoinFStrings(tokens)
		}
		if a.Tokens == nil || !utf8.Valid(src) {
			continue
		}
		if have := tokensLike(m.Text, tokens); a.Version < 12 && digest(have) != *a.Tokens {
			t.Errorf("%s: tokens differ %s", path, firstDifference(have, *full.program(t, path).Tokens))
		}
	}
	t.Logf("%d programs, %d bytes, %d refused by both", programs, bytesRead, refused)
}
