package source

import (
	"context"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// The modules are built by grammar/build.sh from grammar/glue.c, which says what they
// export and how records are laid out.
//
//go:embed grammar/*.wasm.zst
var modules embed.FS

// record is the size of one node in an instance's memory.
const record = 24

// prepare makes the grammar ready, once.
func (g *grammar) prepare(cache wazero.CompilationCache) error {
	g.once.Do(func() {
		if g.err = g.compile(cache); g.err != nil && cache != nil {
			g.err = g.compile(nil)
		}
	})
	return g.err
}

func (g *grammar) compile(cache wazero.CompilationCache) error {
	packed, err := modules.ReadFile("grammar/" + g.language.String() + ".wasm.zst")
	if err != nil {
		return err
	}
	wasm, err := unpack(packed)
	if err != nil {
		return err
	}
	ctx := context.Background()
	config := wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryLimit).WithDebugInfoEnabled(false)
	if cache != nil {
		config = config.WithCompilationCache(cache)
	}
	g.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	inst, err := g.load(ctx, wasm)
	if err != nil {
		return errors.Join(err, g.runtime.Close(ctx))
	}
	g.give(inst)
	return nil
}

// load compiles the module, makes its first instance and reads its names.
func (g *grammar) load(ctx context.Context, wasm []byte) (*instance, error) {
	err := offer(ctx, g.runtime)
	if err != nil {
		return nil, err
	}
	if g.module, err = g.runtime.CompileModule(ctx, wasm); err != nil {
		return nil, err
	}
	inst, err := newInstance(ctx, g.runtime, g.module)
	if err != nil {
		return nil, err
	}
	if g.kinds, g.fields, err = inst.names(ctx); err != nil {
		return nil, err
	}
	g.roles = make([]role, len(g.kinds))
	for symbol, kind := range g.kinds {
		g.roles[symbol] = roles[g.language][kind]
	}
	return inst, nil
}

func unpack(packed []byte) ([]byte, error) {
	reader, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return reader.DecodeAll(packed, nil)
}

// offer gives modules of the runtime what they import: hone.cancelled, which says
// whether the context of the call that is running has ended.
func offer(ctx context.Context, r wazero.Runtime) error {
	cancelled := func(ctx context.Context, stack []uint64) {
		stack[0] = 0
		if ctx.Err() != nil {
			stack[0] = 1
		}
	}
	_, err := r.NewHostModuleBuilder("hone").
		NewFunctionBuilder().
		WithGoFunction(api.GoFunc(cancelled), nil, []api.ValueType{api.ValueTypeI32}).
		Export("cancelled").
		Instantiate(ctx)
	return err
}

// instance is a module with its memory. Only one goroutine may use it at a time.
type instance struct {
	module         api.Module
	source, parser api.Function
}

func newInstance(ctx context.Context, r wazero.Runtime, m wazero.CompiledModule) (*instance, error) {
	// Without a name, any number of instances may exist.
	module, err := r.InstantiateModule(ctx, m, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, err
	}
	return &instance{
		module: module,
		source: module.ExportedFunction("source"),
		parser: module.ExportedFunction("parse"),
	}, nil
}

func (i *instance) close() { _ = i.module.Close(context.Background()) }

// workLimit is the work that a program of n bytes may take, as grammar/glue.c counts it.
// Ordinary programs take 20 to 50 a byte, one that is all brackets or commas 300.
// The limit is reached after one to two seconds for small programs and some eight for one of 1 MB.
func workLimit(n int) uint64 { return 128<<20 + 512*uint64(n) }

var errOutside = errors.New("the parser pointed outside its memory")

// parse returns the nodes of the tree of src.
func (i *instance) parse(ctx context.Context, src []byte) ([]Node, error) {
	stack := [1]uint64{uint64(len(src))}
	if err := i.source.CallWithStack(ctx, stack[:]); err != nil {
		return nil, trapped(err)
	}
	memory := i.module.Memory()
	if !memory.Write(uint32(stack[0]), src) {
		return nil, errOutside
	}
	stack[0] = workLimit(len(src))
	if err := i.parser.CallWithStack(ctx, stack[:]); err != nil {
		return nil, trapped(err)
	}
	at := uint32(stack[0])
	count, ok := memory.ReadUint32Le(at)
	records, ok2 := memory.ReadUint32Le(at + 4)
	if !ok || !ok2 {
		return nil, errOutside
	}
	if count == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, ErrTooHard
	}
	b, ok := memory.Read(records, count*record)
	if !ok {
		return nil, errOutside
	}
	return decode(b), nil
}

// trapped turns a trap of the module into an error of one line.
func trapped(err error) error {
	return fmt.Errorf("the parser gave up, most likely for want of memory or stack (%w)", err)
}

func decode(b []byte) []Node {
	nodes := make([]Node, len(b)/record)
	for k := range nodes {
		r := b[k*record : k*record+record]
		nodes[k] = Node{
			Symbol: binary.LittleEndian.Uint16(r),
			Field:  r[2],
			Flags:  Flags(r[3]),
			Start:  binary.LittleEndian.Uint32(r[4:]),
			End:    binary.LittleEndian.Uint32(r[8:]),
			Parent: int32(binary.LittleEndian.Uint32(r[12:])),
			Next:   int32(binary.LittleEndian.Uint32(r[16:])),
			Depth:  int32(binary.LittleEndian.Uint32(r[20:])),
		}
	}
	return nodes
}

// names reads the grammar's names of kinds and fields out of an instance.
func (i *instance) names(ctx context.Context) (kinds, fields []string, err error) {
	number := func(name string) int {
		stack := [1]uint64{}
		if err == nil {
			err = i.module.ExportedFunction(name).CallWithStack(ctx, stack[:])
		}
		return int(uint32(stack[0]))
	}
	name := func(f api.Function, id int) string {
		stack := [1]uint64{uint64(id)}
		if err == nil {
			err = f.CallWithStack(ctx, stack[:])
		}
		text := []byte{}
		for at := uint32(stack[0]); ; at++ {
			c, ok := i.module.Memory().ReadByte(at)
			if !ok || c == 0 {
				return string(text)
			}
			text = append(text, c)
		}
	}
	kind, field := i.module.ExportedFunction("kind"), i.module.ExportedFunction("field")
	for id := range number("kinds") {
		kinds = append(kinds, name(kind, id))
	}
	fields = append(fields, "")
	for id := range number("fields") {
		fields = append(fields, name(field, id+1))
	}
	return kinds, fields, err
}
