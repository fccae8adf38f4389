package problem

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzRead(f *testing.F) {
	for _, row := range []string{mbppRow, cleanRow, heRow, hePlusRow, mpRow, bcbRow, appsRow, appsCall, ccRow, lcbRow(packed("[]")), honeRow, roboEvalFile, "[" + mbppRow + "]", "\ufeff\r\n" + mbppRow} {
		f.Add([]byte(row))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range Formats() {
			s, err := Read(strings.NewReader(string(data)), "f", format, WithChallenge())
			if err != nil {
				continue
			}
			for _, p := range s.Problems {
				if p.TaskID == "" || p.Benchmark == "" || len(p.Tests) == 0 {
					t.Errorf("%s: problem without id, benchmark or tests: %+v", format, p)
				}
				for _, test := range p.Tests {
					if !json.Valid(test.Spec) {
						t.Errorf("%s: %s is no JSON", format, test.Spec)
					}
				}
			}
		}
	})
}

func FuzzSamples(f *testing.F) {
	f.Add([]byte(`{"task_id": "a", "completion": "x"}` + "\n" + `{"task_id": "a", "sample": 3, "solution": "y"}`))
	f.Add([]byte(`[{"question_id": 1, "code_list": ["a", null]}, {"task_id": "b", "response": "\ud800"}]`))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		seen := map[Key]bool{}
		for p, err := range ReadSamples(strings.NewReader(string(data)), "f") {
			if err != nil {
				continue
			}
			k := Key{TaskID: p.TaskID, Sample: p.Sample}
			if seen[k] || p.TaskID == "" || p.Form == "" {
				t.Errorf("bad or repeated sample %+v", p)
			}
			seen[k] = true
		}
	})
}

func FuzzExtract(f *testing.F) {
	for _, code := range pureCode {
		f.Add(code, "f")
		f.Add("Text:\n```python\n"+code+"\n```\nmore", "f")
	}
	f.Add("<think>x</think>\n[PYTHON]\nx\n[/PYTHON]", "")
	f.Fuzz(func(t *testing.T, response, entry string) {
		code, how := Extract(response, entry)
		switch how {
		case "verbatim", "fence", "tag", "prose":
		default:
			t.Fatalf("how is %q", how)
		}
		if len(code) > len(response)+2 {
			t.Fatalf("%d bytes from %d", len(code), len(response))
		}
		have := map[string]bool{"": true}
		for line := range strings.SplitSeq(response, "\n") {
			have[strings.TrimSpace(line)] = true
		}
		if how == "prose" || how == "fence" {
			for line := range strings.SplitSeq(code, "\n") {
				if !have[strings.TrimSpace(line)] && !strings.Contains(response, "[PYTHON]") && !strings.Contains(response, "</think>") {
					t.Fatalf("line %q is not in the response", line)
				}
			}
		}
	})
}
