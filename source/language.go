package source

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
)

// Language is a programming language that [Parse] knows. The zero value is Python.
type Language uint8

// The languages, each with its tree-sitter grammar.
const (
	Python Language = iota
	C
	Java
	languages int = iota
)

var languageNames = [languages]string{"python", "c", "java"}

// String is the name that UnmarshalText reads.
func (l Language) String() string {
	if int(l) < languages {
		return languageNames[l]
	}
	return fmt.Sprintf("Language(%d)", uint8(l))
}

// MarshalText writes the language's name.
func (l Language) MarshalText() ([]byte, error) {
	if int(l) >= languages {
		return nil, fmt.Errorf("language %d does not exist", uint8(l))
	}
	return []byte(languageNames[l]), nil
}

// UnmarshalText reads a language by its name: python, c or java.
func (l *Language) UnmarshalText(text []byte) error {
	for i, name := range languageNames {
		if name == string(text) {
			*l = Language(i)
			return nil
		}
	}
	return fmt.Errorf("language %q is none of %s", text, strings.Join(languageNames[:], ", "))
}

// LanguageOf tells a file's language by its name: .py, .pyi and .pyw, .c and .h, .java.
func LanguageOf(path string) (Language, bool) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".py", ".pyi", ".pyw":
		return Python, true
	case ".c", ".h":
		return C, true
	case ".java":
		return Java, true
	}
	return 0, false
}

// Version says which software makes the trees, for outputs to name.
type Version struct {
	Library  string           `json:"library"` // npm package and version with tree-sitter's C library
	Grammars []GrammarVersion `json:"grammars"`
}

// GrammarVersion is one grammar of a [Version].
type GrammarVersion struct {
	Language Language `json:"language"`
	Package  string   `json:"package"` // npm package and version
	ABI      int      `json:"abi"`     // format of the grammar's tables
	SHA256   string   `json:"sha256"`  // of the WebAssembly module
}

// versionsFile is written by grammar/build.sh.
//
//go:embed grammar/versions.json
var versionsFile []byte

var readVersions = sync.OnceValue(func() (v Version) {
	// The file is part of this package and read in a test: it cannot be wrong here.
	_ = json.Unmarshal(versionsFile, &v)
	return v
})

// Versions are those of the grammars in this build.
func Versions() Version {
	v := readVersions()
	v.Grammars = append([]GrammarVersion(nil), v.Grammars...)
	return v
}
