package python_test

import (
	"fmt"

	"hone/source/python"
)

func ExampleParse() {
	m, err := python.Parse([]byte("def area(r):\n    return 3.14 * r ** 2\n"))
	if err != nil {
		panic(err)
	}
	f := m.Body[0].(*python.FunctionDef)
	fmt.Println(f.Name, f.Args.Args[0].Arg)
	fmt.Println(python.Dump(f.Body[0], 13))
	// Output:
	// area r
	// Return(value=BinOp(left=Constant(value=3.14), op=Mult(), right=BinOp(left=Name(id='r', ctx=Load()), op=Pow(), right=Constant(value=2))))
}

func ExampleParseTolerant() {
	m, errs := python.ParseTolerant([]byte("a = 1\nb = = 2\nc = 3\n"))
	fmt.Println(len(m.Body), errs[0])
	// Output: 2 line 2, column 5: invalid syntax
}

func ExampleHash() {
	a, _ := python.Parse([]byte("def f(x):\n    return x + 1  # next\n"))
	b, _ := python.Parse([]byte("def f(n): return (n + 1)\n"))
	fmt.Println(python.Hash(a, false) == python.Hash(b, false), python.Hash(a, true) == python.Hash(b, true))
	// Output: false true
}
