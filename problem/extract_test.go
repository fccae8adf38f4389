package problem

import (
	"strings"
	"testing"
)

func TestExtract(t *testing.T) {
	const f = "def f(x):\n    return x\n"
	for _, c := range []struct{ name, response, entry, code, how string }{
		{"one fence", "Sure!\n```python\n" + f + "```\nDone.", "f", f, "fence"},
		{"untagged", "```\n" + f + "```", "f", f, "fence"},
		{"tildes", "~~~py\n" + f + "~~~", "f", f, "fence"},
		{"CRLF", "Sure:\r\n```python\r\ndef f(x):\r\n    return x\r\n```\r\n", "f", f, "fence"},
		{"no end", "Sure:\n```python\n" + f, "f", f + "\n", "fence"},
		{"last that defines", "```python\ndef f(x): pass\n```\nBetter:\n```python\n" + f + "```\nUse:\n```python\nprint(f(1))\nprint(f(2))\nprint(f(3))\n```", "f", f, "fence"},
		{"longest", "```\nx\n```\n```python\nprint(int(input()))\n```\n```\n3\n```", "", "print(int(input()))\n", "fence"},
		{"other languages skipped", "```bash\npip install everything and then some more\n```\n```python\nx = 1\n```", "f", "x = 1\n", "fence"},
		{"only other languages", "```text\n" + f + "```", "f", f, "fence"},
		{"in a list", "1. Do:\n   ```python\n   def f(x):\n       return x\n   ```", "f", f, "fence"},
		{"four ticks", "````python\ns = '''\n```\n'''\n" + f + "````", "f", "s = '''\n```\n'''\n" + f, "fence"},
		{"method", "```python\nclass Solution:\n    def go(self): pass\n```\n```python\nSolution().go()  # a long example that is longer than the class itself\n```", "Solution.go", "class Solution:\n    def go(self): pass\n", "fence"},
		{"thinking", "<think>\n```python\ndef f(x): draft\n```\n</think>\n\n```python\n" + f + "```", "f", f, "fence"},
		{"thinking, code after", "<think>hm</think>\n" + f, "f", f, "verbatim"},
		{"only the end of thinking", "hm, ```python\nno\n```\n</think>\n" + f, "f", f, "verbatim"},
		{"thinking never ends", "<think>\n" + f, "f", "", "verbatim"},
		{"tag", "[PYTHON]\n" + f + "[/PYTHON]\n[TESTS]\nassert f(1) == 1\n[/TESTS]", "f", f, "tag"},
		{"tag without end", "Here: [PYTHON]\n" + f, "f", f, "tag"},
		{"last tag that defines", "[PYTHON]\n" + f + "[/PYTHON] and [PYTHON]\nf(1)\n[/PYTHON]", "f", f, "tag"},
		{"fence in tag", "[PYTHON]\n```python\n" + f + "```\n[/PYTHON]", "f", f, "fence"},
		{"prefilled fence", f + "```\nThis returns x.", "f", f, "fence"},
		{"code, then a better block", "x = 1\n```python\n" + f + "```", "f", f, "fence"},
		{"prose", "Here is the code:\n\nimport os\n\n" + f + "\nprint(f(1))\n\nIt returns x.", "f", "import os\n\n" + f + "\nprint(f(1))\n", "prose"},
		{"refusal", "I cannot do that.", "f", "I cannot do that.", "verbatim"},
		{"empty", "", "f", "", "verbatim"},
		{"heading", "# Solution\n\nfrom here we go\n\n" + f, "f", f, "prose"},
	} {
		if code, how := Extract(c.response, c.entry); code != c.code || how != c.how {
			t.Errorf("%s:\n got %s %q\nwant %s %q", c.name, how, code, c.how, c.code)
		}
	}
}

// pureCode are programs that Extract must leave alone, byte for byte.
var pureCode = []string{
	"def f(x):\n    return x\n",
	"    return x\n",
	"    for i in x:\n        pass\n",
	"# a comment\n\nimport os\r\nprint(1)\r\n",
	"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nn, m = map(int, input().split())\n",
	"def f():\n    \"\"\"Doc:\n    ```python\n    f()\n    ```\n    \"\"\"\n    return 1\n",
	"\"\"\"Module.\n~~~\n\"\"\"\nx: int = 3\n",
	"@cache\ndef f(): pass",
	"class A: pass",
	"async def f(): pass",
	"from __future__ import annotations\nMOD = 10**9 + 7\n",
	"n = int(input())\nprint('```')\n",
	"if True:\n  pass\n",
	"s = \"</think> no\"\nprint(s)\n",
	"t = '[PYTHON]'\n",
	"print(sum(map(int, input().split())))",
	"x[0] += 1\n",
	"try:\n  import numpy\nexcept ImportError:\n  pass\n",
	"while True: break\n",
}

func TestExtractLeavesCodeAlone(t *testing.T) {
	for _, code := range pureCode {
		if got, how := Extract(code, "f"); got != code || how != "verbatim" {
			t.Errorf("%q becomes %s %q", code, how, got)
		}
	}
}

// TestExtractPublic: real programs come back from a fence, and unchanged from nothing.
func TestExtractPublic(t *testing.T) {
	s, err := Load(publicData(t, "bigcodebench/BigCodeBench.hf.jsonl.gz"), FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(publicData(t, "mbpp/mbpp.jsonl.gz"), FormatAuto, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range append(s.Problems, m.Problems...) {
		if got, how := Extract(p.Reference, p.EntryPoint); got != p.Reference || how != "verbatim" {
			t.Errorf("%s is changed (%s)", p.TaskID, how)
		}
		want := strings.TrimRight(strings.ReplaceAll(p.Reference, "\r\n", "\n"), "\r\n") + "\n"
		if got, how := Extract("Here you are:\n\n````python\n"+want+"````\nEnjoy!", p.EntryPoint); got != want || how != "fence" {
			t.Errorf("%s does not come back from a fence (%s)", p.TaskID, how)
		}
	}
}

func TestDefines(t *testing.T) {
	for _, c := range []struct {
		code, name string
		want       bool
	}{
		{"def f(x):", "f", true},
		{"  async def f (x):", "f", true},
		{"class f:", "f", true},
		{"f = lambda x: x", "f", true},
		{"f == 3", "f", false},
		{"def ff(x):", "f", false},
		{"print(f)", "f", false},
		{"def f(x):", "", false},
		{"class Solution:", "Solution.f", true},
	} {
		if got := Defines(c.code, c.name); got != c.want {
			t.Errorf("%q defines %q: %v", c.code, c.name, got)
		}
	}
}
