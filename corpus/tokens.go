package corpus

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sort"

	"hone/store"
)

// Files of a folder of tokens. tokens.bin is what nanoGPT calls train.bin.
const (
	tokensFile = "tokens.bin" // uint16 or int32, little-endian
	endsFile   = "ends.bin"   // uint64, little-endian: where each document ends
	marksFile  = "marks.bin"  // uint64, little-endian: where each row's completion starts; rows only
	metaFile   = "meta.json"
)

// tokensVersion changes when the files do.
const tokensVersion = 1

// TokensMeta describes a file of tokens.
type TokensMeta struct {
	Version   int    `json:"version"`
	Width     int    `json:"width"`     // bytes a token: 2 or 4
	Tokens    int64  `json:"tokens"`    // ends of documents included
	Documents int    `json:"documents"` // or rows
	Bytes     int64  `json:"bytes"`     // of text
	EOD       int32  `json:"eod"`       // the token after every document
	Digest    string `json:"digest"`    // of the tokens and boundaries: SHA-256, hexadecimal
}

// Tokens is a stream of tokens on disk: documents one after the other, each with an
// end-of-document token after it. It is read in place; only the boundaries are in
// memory, 8 bytes a document. It may be read from several goroutines.
type Tokens struct {
	TokensMeta
	file  *os.File
	ends  []int64 // of each document, after its end-of-document token
	marks []int64 // of each row, where its completion starts; nil for documents
}

// openTokens opens a folder that a tokensWriter closed.
func openTokens(dir string) (*Tokens, error) {
	t := &Tokens{}
	raw, err := os.ReadFile(filepath.Join(dir, metaFile))
	if err == nil {
		err = json.Unmarshal(raw, &t.TokensMeta)
	}
	if err == nil && t.Version != tokensVersion {
		err = fmt.Errorf("version %d, not %d", t.Version, tokensVersion)
	}
	if err == nil {
		t.ends, err = readInts(filepath.Join(dir, endsFile))
	}
	if err == nil && len(t.ends) != t.Documents {
		err = fmt.Errorf("%s has %d documents of %d", endsFile, len(t.ends), t.Documents)
	}
	if err == nil {
		if t.marks, err = readInts(filepath.Join(dir, marksFile)); os.IsNotExist(err) {
			err = nil
		}
	}
	if err == nil {
		t.file, err = os.Open(filepath.Join(dir, tokensFile))
	}
	if err != nil {
		return nil, fmt.Errorf("tokens %s: %w", dir, err)
	}
	info, err := t.file.Stat()
	if err == nil && info.Size() != t.Tokens*int64(t.Width) {
		err = fmt.Errorf("%s has %d bytes of %d", tokensFile, info.Size(), t.Tokens*int64(t.Width))
	}
	if err != nil {
		t.file.Close()
		return nil, fmt.Errorf("tokens %s: %w", dir, err)
	}
	return t, nil
}

func readInts(path string) ([]int64, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(raw)/8)
	for i := range out {
		out[i] = int64(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return out, nil
}

// Close lets go of the file.
func (t *Tokens) Close() error { return t.file.Close() }

// Document returns the range [start, end) of document i in the stream; end is after
// its end-of-document token.
func (t *Tokens) Document(i int) (start, end int64) {
	if i > 0 {
		start = t.ends[i-1]
	}
	return start, t.ends[i]
}

// DocumentAt is the document that the token at offset at belongs to.
func (t *Tokens) DocumentAt(at int64) int {
	return sort.Search(len(t.ends), func(i int) bool { return t.ends[i] > at })
}

// Read fills dst with the tokens from offset at, any number, on; after the last token
// of the stream comes the first.
func (t *Tokens) Read(dst []int32, at int64) error {
	if t.Tokens == 0 {
		return fmt.Errorf("tokens %s: there are none", t.file.Name())
	}
	at %= t.Tokens
	if at < 0 {
		at += t.Tokens
	}
	for len(dst) > 0 {
		n := int(min(int64(len(dst)), t.Tokens-at))
		buf := make([]byte, n*t.Width)
		if _, err := t.file.ReadAt(buf, at*int64(t.Width)); err != nil {
			return fmt.Errorf("tokens %s: %w", t.file.Name(), err)
		}
		for i := range n {
			if t.Width == 2 {
				dst[i] = int32(binary.LittleEndian.Uint16(buf[2*i:]))
			} else {
				dst[i] = int32(binary.LittleEndian.Uint32(buf[4*i:]))
			}
		}
		dst, at = dst[n:], 0
	}
	return nil
}

// tokensWriter writes a folder of tokens.
type tokensWriter struct {
	dir    string
	vocab  int
	meta   TokensMeta
	file   *os.File
	w      *bufio.Writer
	digest hash.Hash
	ends   []byte
	marks  []byte
	buf    []byte
}

// newTokensWriter makes the folder dir for tokens below vocab.
func newTokensWriter(dir string, vocab int, eod int32) (*tokensWriter, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(filepath.Join(dir, tokensFile))
	if err != nil {
		return nil, err
	}
	w := &tokensWriter{dir: dir, vocab: vocab, file: f, w: bufio.NewWriterSize(f, 1<<20), digest: sha256.New()}
	w.meta = TokensMeta{Version: tokensVersion, Width: 4, EOD: eod}
	if vocab <= 1<<16 {
		w.meta.Width = 2
	}
	return w, nil
}

// add writes a document of tokens, and an end after it. mark is where, among the
// tokens, a row's completion starts, or -1.
func (w *tokensWriter) add(tokens []int32, mark int, bytes int64) error {
	start := w.meta.Tokens
	w.buf = w.buf[:0]
	put := func(t int32) error {
		if t < 0 || int(t) >= w.vocab {
			return fmt.Errorf("the tokenizer gave token %d, the vocabulary has %d", t, w.vocab)
		}
		if w.meta.Width == 2 {
			w.buf = binary.LittleEndian.AppendUint16(w.buf, uint16(t))
		} else {
			w.buf = binary.LittleEndian.AppendUint32(w.buf, uint32(t))
		}
		return nil
	}
	for _, t := range tokens {
		if err := put(t); err != nil {
			return err
		}
	}
	if err := put(w.meta.EOD); err != nil {
		return err
	}
	w.digest.Write(w.buf)
	if _, err := w.w.Write(w.buf); err != nil {
		return err
	}
	w.meta.Tokens += int64(len(tokens)) + 1
	w.meta.Documents++
	w.meta.Bytes += bytes
	w.ends = binary.LittleEndian.AppendUint64(w.ends, uint64(w.meta.Tokens))
	if mark >= 0 {
		w.marks = binary.LittleEndian.AppendUint64(w.marks, uint64(start+int64(mark)))
	}
	return nil
}

// close puts everything on disk.
func (w *tokensWriter) close() error {
	err := w.w.Flush()
	if err == nil {
		err = w.file.Sync()
	}
	if e := w.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if err := store.WriteFile(filepath.Join(w.dir, endsFile), w.ends, 0o644); err != nil {
		return err
	}
	if w.marks != nil {
		if err := store.WriteFile(filepath.Join(w.dir, marksFile), w.marks, 0o644); err != nil {
			return err
		}
	}
	_, _ = io.WriteString(w.digest, "ends")
	w.digest.Write(w.ends)
	w.digest.Write(w.marks)
	w.meta.Digest = hex.EncodeToString(w.digest.Sum(nil))
	raw, err := json.MarshalIndent(w.meta, "", "  ")
	if err != nil {
		return err
	}
	return store.WriteFile(filepath.Join(w.dir, metaFile), append(raw, '\n'), 0o644)
}
