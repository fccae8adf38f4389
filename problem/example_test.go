package problem_test

import (
	"fmt"
	"log"
	"strings"

	"hone/problem"
)

func ExampleRead() {
	const rows = `{"task_id": 2, "text": "Double a number.", "code": "def f(x): return 2 * x", "test_list": ["assert f(2) == 4"]}
{"task_id": 3, "text": "Triple a number.", "code": "def g(x): return 3 * x"}
`
	suite, err := problem.Read(strings.NewReader(rows), "mbpp.jsonl", problem.FormatAuto)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range suite.Problems {
		fmt.Println(p.Benchmark, p.TaskID, p.EntryPoint, len(p.Tests))
	}
	for _, is := range suite.Issues {
		fmt.Println(is)
	}
	p, err := problem.NewIndex(suite.Problems).Find("MBPP/2")
	fmt.Println(p.TaskID, err)
	// Output:
	// MBPP 2 f 1
	// mbpp.jsonl:2: field "test_list" is missing
	// 2 <nil>
}

func ExampleEqual() {
	decode := func(s string) problem.Value {
		v, err := problem.DecodeValue([]byte(s))
		if err != nil {
			log.Fatal(err)
		}
		return v
	}
	set := decode(`{"set":[1,2]}`)
	fmt.Println(problem.Repr(set), problem.Equal(set, decode(`{"frozenset":[2.0,true]}`)))
	fmt.Println(problem.Equal(decode(`[1]`), decode(`{"tuple":[1]}`)))
	fmt.Println(problem.Equal(decode(`9007199254740993`), decode(`9007199254740992.0`)))
	// Output:
	// {1, 2} true
	// false
	// false
}

func ExampleExtract() {
	code, how := problem.Extract("Sure! Here it is:\n```python\ndef f(x):\n    return 2 * x\n```\nHope this helps.", "f")
	fmt.Printf("%s: %q\n", how, code)
	// Output:
	// fence: "def f(x):\n    return 2 * x\n"
}
