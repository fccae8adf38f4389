package problem

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// importLiveCodeBench reads LiveCodeBench's code generation rows. Tests are
// standard input, or calls of a function (usually a method of class Solution).
func importLiveCodeBench(r *row, _ *options) *Problem {
	p := &Problem{Benchmark: "LiveCodeBench", TaskID: r.id("question_id"), Prompt: r.str("question_content")}
	starter := r.optStr("starter_code")
	if starter != "" {
		p.Prompt += "\n\n" + starter
	}
	if meta, ok := r.optJSON("metadata").(Dict); ok {
		p.EntryPoint, _ = meta.field("func_name").(string)
	}
	function := methodOf(p.EntryPoint, starter)
	r.lcbTests(p, "public_test_cases", "public", Public, function, r.jsonText("public_test_cases"))
	if s, ok := r.fields["private_test_cases"].(string); ok && s != "" && !strings.HasPrefix(strings.TrimSpace(s), "[") {
		text, err := unpackPrivate(s)
		if err != nil {
			r.fail("private_test_cases", "is neither JSON nor LiveCodeBench's packed form: %v", err)
			return p
		}
		v, err := parsePyJSON(text)
		if err != nil {
			r.fail("private_test_cases", "unpacks to what is no JSON: %v", err)
			return p
		}
		r.lcbTests(p, "private_test_cases", "private", Hidden, function, v)
	} else {
		r.lcbTests(p, "private_test_cases", "private", Hidden, function, r.optJSON("private_test_cases"))
	}
	if r.bad == nil && len(p.Tests) == 0 {
		r.fail("public_test_cases", "is empty, and so is private_test_cases: there is nothing to judge with")
	}
	return p
}

func (r *row) lcbTests(p *Problem, field, group string, vis Visibility, function string, v Value) {
	if v == nil || r.bad != nil {
		return
	}
	cases, ok := v.(List)
	if !ok {
		r.wrong(field, v, "a list of tests")
		return
	}
	for i, c := range cases {
		at := fmt.Sprintf("%s[%d]", field, i)
		name := fmt.Sprintf("%s[%d]", group, i)
		d, ok := c.(Dict)
		if !ok {
			r.wrong(at, c, "an object with input, output and testtype")
			return
		}
		in, ok1 := d.field("input").(string)
		out, ok2 := d.field("output").(string)
		if !ok1 || !ok2 {
			r.fail(at, "wants input and output, both strings")
			return
		}
		switch kind := d.field("testtype"); kind {
		case "stdin":
			r.stdio(p, name, vis, in, out)
		case "functional":
			r.lcbCall(p, at, name, vis, function, in, out)
		default:
			r.fail(at, "has testtype %v, wanted is stdin or functional", kind)
			return
		}
	}
}

// lcbCall adds a call: every line of in is one JSON argument.
func (r *row) lcbCall(p *Problem, at, name string, vis Visibility, function, in, out string) {
	if p.EntryPoint == "" {
		r.fail("metadata", "has no func_name, which functional tests need")
		return
	}
	args := List{}
	for line := range strings.SplitSeq(strings.TrimSpace(in), "\n") {
		v, err := parsePyJSON([]byte(line))
		if err != nil {
			r.fail(at, "has an input line that is no JSON: %v", err)
			return
		}
		args = append(args, v)
	}
	want, err := parsePyJSON([]byte(out))
	if err != nil {
		r.fail(at, "has an output that is no JSON: %v", err)
		return
	}
	r.test(p, name, KindCall, vis, CallSpec{Function: function, Args: EncodeValue(args), Expected: EncodeValue(want)})
}

// maxPrivate bounds the unpacked private tests of one problem.
const maxPrivate = 512 << 20

// unpackPrivate undoes base64(zlib(pickle(text))).
func unpackPrivate(s string) ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s))
	if err != nil {
		return nil, err
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(z, maxPrivate+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxPrivate {
		return nil, fmt.Errorf("more than %d MB unpacked", maxPrivate>>20)
	}
	return unpickleString(data)
}

// unpickleString reads a pickle (protocol 1 to 5) that is one str and refuses every
// other: no object is ever built, no code named.
func unpickleString(b []byte) ([]byte, error) {
	var text []byte
	found := false
	take := func(n uint64) ([]byte, error) {
		if n > uint64(len(b)) {
			return nil, errors.New("pickle: cut off")
		}
		part := b[:n]
		b = b[n:]
		return part, nil
	}
	for {
		op, err := take(1)
		if err != nil {
			return nil, err
		}
		size := uint64(0) // of the operand
		switch op[0] {
		case 0x80, 'q', 0x8c: // PROTO, BINPUT, SHORT_BINUNICODE
			size = 1
		case 'r', 'X': // LONG_BINPUT, BINUNICODE
			size = 4
		case 0x95, 0x8d: // FRAME, BINUNICODE8
			size = 8
		case 0x94: // MEMOIZE
		case '.': // STOP
			if !found || !utf8.Valid(text) {
				return nil, errors.New("pickle: not one valid string")
			}
			return text, nil
		default:
			return nil, fmt.Errorf("pickle: opcode 0x%02x; only a plain string is read, for safety", op[0])
		}
		operand, err := take(size)
		if err != nil {
			return nil, err
		}
		if op[0] == 0x8c || op[0] == 'X' || op[0] == 0x8d {
			if found {
				return nil, errors.New("pickle: more than one string")
			}
			var n [8]byte
			copy(n[:], operand)
			if text, err = take(binary.LittleEndian.Uint64(n[:])); err != nil {
				return nil, err
			}
			found = true
		}
	}
}
