package store_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"hone/store"
)

// A run that stops half-way and goes on: the rows it wrote are still there, a torn
// last line is not.
func ExampleOpenRows() {
	dir, err := os.MkdirTemp("", "hone")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "verdicts.jsonl")

	rows, err := store.OpenRows(path, "inputs-1", false)
	if err != nil {
		log.Fatal(err)
	}
	if err := rows.Append([]byte(`{"sample":0}`)); err != nil {
		log.Fatal(err)
	}
	if err := rows.Close(); err != nil { // not committed: the run is unfinished
		log.Fatal(err)
	}
	part, err := os.OpenFile(path+".part", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprint(part, `{"samp`) // and this is how a kill in the middle of a write looks
	part.Close()

	rows, err = store.OpenRows(path, "inputs-1", false)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("rows that are safe:", rows.Done())
	if err := rows.Append([]byte(`{"sample":1}`)); err != nil {
		log.Fatal(err)
	}
	if err := rows.Commit(nil); err != nil {
		log.Fatal(err)
	}
	rows.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(string(b))
	// Output:
	// rows that are safe: 1
	// {"sample":0}
	// {"sample":1}
}
