package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
)

const (
	// MaxSize is the size in bytes of the largest program that is parsed.
	MaxSize = 16 << 20
	// memoryLimit is what one instance may use, in pages of 64 KiB.
	memoryLimit = 1 << 30 >> 16
	// keepMemory is the size in bytes of the largest memory of an instance that waits
	// for the next program; memory never shrinks, so a larger one is given back whole.
	keepMemory = 16 << 20
)

// ErrTooHard is returned for a program that would take far more work to parse than
// programs of its size do: a few inputs make error recovery explode.
var ErrTooHard = errors.New("parsing takes too much work for a program of this size")

// A Parser makes trees. Each language is compiled when it is first needed, which a
// cache makes short; instances of its module then wait for programs, each used by one
// goroutine at a time. A Parser may be used by many goroutines; Close frees its memory.
type Parser struct {
	cache    wazero.CompilationCache // of what is compiled, for the next process; or nil
	grammars [languages]*grammar
}

// NewParser returns a Parser that keeps compiled grammars in the folder cache, which is
// made if it does not exist. With "", or where that fails, a grammar is compiled in each
// process: about 0.2 s. A damaged cache is not used, and not repaired.
func NewParser(cache string) *Parser {
	p := &Parser{}
	if cache != "" {
		if c, err := wazero.NewCompilationCacheWithDir(cache); err == nil {
			p.cache = c
		}
	}
	for l := range p.grammars {
		p.grammars[l] = &grammar{language: Language(l)}
	}
	return p
}

// Close frees the memory of all instances. Nothing may be parsing.
func (p *Parser) Close() error {
	ctx := context.Background()
	var errs []error
	for _, g := range p.grammars {
		if g.runtime != nil {
			errs = append(errs, g.runtime.Close(ctx))
		}
	}
	if p.cache != nil {
		errs = append(errs, p.cache.Close(ctx))
	}
	return errors.Join(errs...)
}

var defaultParser = sync.OnceValue(func() *Parser {
	dir, err := os.UserCacheDir()
	if err != nil {
		return NewParser("")
	}
	return NewParser(filepath.Join(dir, "hone", "wazero"))
})

// Parse parses a program with a Parser that the whole process shares and that caches
// compiled grammars in hone/wazero in the user's folder for caches. See [Parser.Parse].
func Parse(lang Language, src []byte) (*Tree, error) {
	return defaultParser().Parse(context.Background(), lang, src)
}

// Parse returns the syntax tree of src, which must not change afterwards. A program that
// is not correct has a tree too, with nodes of kind ERROR and missing nodes; bytes that are
// not UTF-8 are errors or parts of strings and comments. An error is returned when ctx
// ends, for programs over [MaxSize], and for [ErrTooHard], which depends on the program alone.
func (p *Parser) Parse(ctx context.Context, lang Language, src []byte) (*Tree, error) {
	if int(lang) >= languages {
		return nil, fmt.Errorf("parsing: there is no grammar of %v", lang)
	}
	if len(src) > MaxSize {
		return nil, fmt.Errorf("parsing %v: the program has %d bytes, more than %d", lang, len(src), MaxSize)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g := p.grammars[lang]
	if err := g.prepare(p.cache); err != nil {
		return nil, fmt.Errorf("preparing the grammar of %v: %w", lang, err)
	}
	inst, err := g.take(ctx)
	if err != nil {
		return nil, fmt.Errorf("parsing %v: %w", lang, err)
	}
	nodes, err := inst.parse(ctx, src)
	if err != nil {
		// What a trap leaves behind is not to be used again.
		inst.close()
		return nil, fmt.Errorf("parsing %v: %w", lang, err)
	}
	g.give(inst)
	return &Tree{Language: lang, Source: src, Nodes: nodes, grammar: g}, nil
}

// grammar is one language's compiled module, its names, and its idle instances.
type grammar struct {
	language Language

	once    sync.Once
	err     error // why preparing failed
	runtime wazero.Runtime
	module  wazero.CompiledModule
	kinds   []string // by symbol
	roles   []role   // by symbol
	fields  []string // by field; fields[0] is ""

	mu   sync.Mutex
	idle []*instance
}

func (g *grammar) take(ctx context.Context) (*instance, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.idle); n > 0 {
		inst := g.idle[n-1]
		g.idle = g.idle[:n-1]
		return inst, nil
	}
	return newInstance(ctx, g.runtime, g.module)
}

func (g *grammar) give(inst *instance) {
	g.mu.Lock()
	keep := len(g.idle) < runtime.GOMAXPROCS(0) && inst.module.Memory().Size() <= keepMemory
	if keep {
		g.idle = append(g.idle, inst)
	}
	g.mu.Unlock()
	if !keep {
		inst.close()
	}
}
