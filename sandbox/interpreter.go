package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// MinPython is the oldest CPython that the harnesses run on.
var MinPython = [2]int{3, 8}

// Interpreter is a CPython as probed outside the sandbox.
type Interpreter struct {
	Path    string   `json:"path"`    // the real executable
	Version string   `json:"version"` // sys.version
	Info    [3]int   `json:"info"`    // sys.version_info[:3]
	Roots   []string `json:"roots"`   // folders it needs: prefixes and library paths
	// Site are the folders with third-party packages, visible to jobs; empty unless asked for.
	Site []string `json:"site"`
	// Packages are the distributions found in Site, "name-version".
	Packages []string `json:"packages"`
}

// Identity is a hash of what can influence a result: version, build and
// packages, not the path.
func (in Interpreter) Identity() string {
	h := sha256.New()
	fmt.Fprintln(h, in.Version)
	for _, p := range in.Packages {
		fmt.Fprintln(h, p)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Short is "CPython 3.11.2".
func (in Interpreter) Short() string {
	return fmt.Sprintf("CPython %d.%d.%d", in.Info[0], in.Info[1], in.Info[2])
}

const probeSource = `
import sys, os, json
site = [p for p in sys.path if p and os.path.isdir(p) and ('site-packages' in p or 'dist-packages' in p)]
pk = sorted({e.rsplit('.', 1)[0] for p in site for e in os.listdir(p) if e.endswith(('.dist-info', '.egg-info'))})
missing = []
for m in ('ctypes', 'json', 'resource', 'select', 'unittest', '_socket', 'decimal', 'ast'):
    try: __import__(m)
    except ImportError: missing.append(m)
roots = [p for p in sys.path if p and os.path.isdir(p)] + [sys.prefix, getattr(sys, 'base_prefix', sys.prefix)]
print(json.dumps({'path': os.path.realpath(sys.executable), 'version': sys.version, 'info': list(sys.version_info[:3]),
    'roots': roots, 'site': site, 'packages': pk, 'missing': missing, 'impl': sys.implementation.name}))
`

// FindPython probes the interpreter named by spec: a path to an executable, a
// folder with a virtual environment, a name on PATH, or "" for the default
// ($HONE_PYTHON, then /usr/bin/python3, then python3 on PATH). Third-party
// packages are visible to jobs when withSite is set.
func FindPython(ctx context.Context, spec string, withSite bool) (Interpreter, error) {
	if spec != "" {
		return probe(ctx, spec, withSite)
	}
	if env := os.Getenv("HONE_PYTHON"); env != "" {
		in, err := probe(ctx, env, true)
		if err != nil {
			err = fmt.Errorf("HONE_PYTHON: %w", err)
		}
		return in, err
	}
	in, err := probe(ctx, "/usr/bin/python3", withSite)
	if err == nil {
		return in, nil
	}
	in, err2 := probe(ctx, "python3", withSite)
	if err2 == nil {
		return in, nil
	}
	return Interpreter{}, errors.Join(err, err2)
}

func probe(ctx context.Context, spec string, withSite bool) (Interpreter, error) {
	help := fmt.Sprintf("Hone needs CPython %d.%d or later with its full standard library (Debian: apt-get install python3), or name one with --python PATH|VENV", MinPython[0], MinPython[1])
	path := spec
	if st, err := os.Stat(spec); err == nil && st.IsDir() {
		path = filepath.Join(spec, "bin", "python")
		if _, err := os.Stat(path); err != nil {
			return Interpreter{}, fmt.Errorf("python: folder %s is no virtual environment: it has no bin/python (make one with: python3 -m venv %s)", spec, spec)
		}
	} else if !strings.Contains(spec, "/") {
		p, err := exec.LookPath(spec)
		if err != nil {
			return Interpreter{}, fmt.Errorf("python: %s is not on PATH: %s", spec, help)
		}
		path = p
	} else if err != nil {
		return Interpreter{}, fmt.Errorf("python: %w: %s", err, help)
	}
	var stderr strings.Builder
	out, err := ask(ctx, &stderr, path, "-I", "-B", "-c", probeSource)
	if errors.Is(err, context.DeadlineExceeded) {
		return Interpreter{}, fmt.Errorf("python: %s did not answer within %v; %s", path, probeTimeout, help)
	}
	if err != nil {
		// Python 2 does not know -I; anything else says so itself.
		if v, verr := ask(ctx, nil, path, "--version"); verr == nil && strings.HasPrefix(string(v), "Python 2") {
			return Interpreter{}, fmt.Errorf("python: %s is %s: too old; %s", path, strings.TrimSpace(string(v)), help)
		}
		return Interpreter{}, fmt.Errorf("python: %s did not answer: %w: %s; %s", path, err, lastLine(stderr.String()), help)
	}
	var got struct {
		Interpreter
		Missing []string `json:"missing"`
		Impl    string   `json:"impl"`
	}
	if err := json.Unmarshal(out, &got); err != nil {
		return Interpreter{}, fmt.Errorf("python: %s answered %.80q, which is no description of an interpreter; %s", path, out, help)
	}
	in := got.Interpreter
	switch {
	case got.Impl != "cpython":
		return in, fmt.Errorf("python: %s is %s, and Hone needs CPython", path, got.Impl)
	case in.Info[0] < MinPython[0] || in.Info[0] == MinPython[0] && in.Info[1] < MinPython[1]:
		return in, fmt.Errorf("python: %s is %s: too old; %s", path, in.Short(), help)
	case len(got.Missing) > 0:
		return in, fmt.Errorf("python: %s lacks the standard modules %s; %s", path, strings.Join(got.Missing, ", "), help)
	}
	if !withSite {
		in.Roots = slices.DeleteFunc(in.Roots, func(p string) bool { return slices.Contains(in.Site, p) })
		in.Site, in.Packages = nil, nil
	}
	return in, nil
}

// probeTimeout bounds the start of an interpreter, from a cold disk say.
const probeTimeout = 20 * time.Second

// ask runs an interpreter outside the sandbox and returns what it prints: standard
// output alone where stderr takes the rest.
func ask(ctx context.Context, stderr io.Writer, path string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if stderr != nil {
		cmd.Stderr = stderr
	}
	cmd.WaitDelay = time.Second // for what a wrapper script started and left with our pipe
	err := cmd.Run()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return out.Bytes(), err
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// systemPaths are shown read-only in every sandbox where they exist.
var systemPaths = []string{
	"/usr", "/lib", "/lib64", "/lib32", "/bin", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
	"/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime", "/etc/fonts", "/etc/matplotlibrc", "/etc/mime.types",
}

// binds are the paths a sandbox with this interpreter needs, no path below another.
func (in Interpreter) binds() []string {
	out := slices.Clone(systemPaths)
	below := func(p string) bool {
		for _, b := range out {
			if p == b || strings.HasPrefix(p, b+"/") {
				return true
			}
		}
		return false
	}
	roots := append([]string{}, in.Roots...)
	if bin := filepath.Dir(in.Path); !slices.Contains(roots, bin) {
		roots = append(roots, bin)
	}
	slices.SortFunc(roots, func(a, b string) int { return len(a) - len(b) })
	for _, r := range roots {
		if r != "/" && filepath.IsAbs(r) && !below(r) {
			out = append(out, r)
		}
	}
	return out
}
