package problem

import _ "embed"

// JSON Schemas (draft 2020-12) of the formats that others write for Hone.
var (
	// ValueSchema describes the tagged encoding of a [Value].
	//
	//go:embed schema/value.schema.json
	ValueSchema []byte
	// ProblemSchema describes a row of our own problem files, a [Problem]. It
	// refers to ValueSchema by its "$id".
	//
	//go:embed schema/problem.schema.json
	ProblemSchema []byte
)
