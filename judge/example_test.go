package judge_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strings"

	"hone/judge"
	"hone/problem"
	"hone/sandbox"
)

// A problem of our own, as a row of a problem file.
const addRow = `{"schema":"hone.problem/1","benchmark":"own","task_id":"own/1","entry_point":"add",
"prompt":"def add(a, b):\n    \"\"\"The sum of a and b.\"\"\"\n",
"tests":[{"name":"numbers","kind":"call","spec":{"function":"add","args":[1,2],"expected":3}},
         {"name":"text","kind":"assert","spec":{"code":"assert add('a', 'b') == 'ab'"}}]}`

func Example() {
	ctx := context.Background()
	py, err := sandbox.FindPython(ctx, "", false)
	if err != nil {
		log.Fatal(err)
	}
	j, err := judge.New(ctx, judge.Config{Python: py, Workers: 1})
	if err != nil {
		log.Fatal(err)
	}
	defer j.Close()
	suite, err := problem.Read(strings.NewReader("["+addRow+"]"), "own.json", problem.FormatAuto)
	if err != nil {
		log.Fatal(err)
	}
	v, err := j.Verify(ctx, suite.Problems[0], "def add(a, b):\n    return int(a) + int(b)\n")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.Verdict, v.PassedTests(), "of", len(v.Tests), "by", v.Judge)
	fmt.Println(v.Tests[1].Name, v.Tests[1].Error, "in line", v.Tests[1].Line)
	// Output:
	// exception 1 of 2 by data
	// text ValueError: invalid literal for int() with base 10: 'a' in line 2
}

func ExampleStream() {
	ctx := context.Background()
	py, err := sandbox.FindPython(ctx, "", false)
	if err != nil {
		log.Fatal(err)
	}
	j, err := judge.New(ctx, judge.Config{Python: py})
	if err != nil {
		log.Fatal(err)
	}
	defer j.Close()
	suite, err := problem.Read(strings.NewReader("["+addRow+"]"), "own.json", problem.FormatAuto)
	if err != nil {
		log.Fatal(err)
	}
	var jobs []judge.Job
	for i, body := range []string{"return a + b", "return a - b", "import socket; socket.socket(); return a + b"} {
		p := suite.Problems[0]
		jobs = append(jobs, judge.Job{Problem: p, TaskID: p.TaskID, Sample: i, Program: p.Prefix + "    " + body})
	}
	var tally judge.Tally
	err = judge.Stream(ctx, nil, j, slices.Values(jobs), func(v problem.Verdict) error {
		fmt.Println(v.Sample, v.Verdict)
		tally.Add(v.TaskID, &v)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("pass@1 %.2f\n", tally.Estimates(false)[0].Mean)
	// Output:
	// 0 pass
	// 1 wrong_answer
	// 2 forbidden
	// pass@1 0.33
}
