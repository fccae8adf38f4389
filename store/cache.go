package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// applicationID marks our databases ("hone"; SQLite's pragma application_id).
	applicationID = 0x686f6e65
	// A batch is written when batchRows are waiting or batchTime has passed.
	batchRows = 500
	batchTime = 200 * time.Millisecond
	// Put waits while this many rows are waiting.
	maxPending = 20 * batchRows
	// Values longer than this are compressed.
	plainBytes = 512
	// How long one process waits for another's transaction.
	busyTime = 10 * time.Second
)

// The first byte of a stored value.
const (
	formPlain = 0
	formZstd  = 1
)

// Cache is a table of values by content hash in an SQLite file. Any number of
// goroutines and processes may use one file at once. A value depends on nothing
// but its key, so nothing is ever invalidated; deleting the file is always safe.
type Cache struct {
	path  string
	db    *sql.DB
	get   *sql.Stmt
	put   *sql.Stmt
	zip   *zstd.Encoder
	unzip *zstd.Decoder

	mu      sync.Mutex
	room    sync.Cond           // pending was taken by the writer
	pending map[[32]byte][]byte // as stored; to be written
	writing map[[32]byte][]byte // as stored; being written
	err     error               // the writer's first error
	closed  bool

	full chan struct{} // a batch is waiting
	stop chan struct{}
	done chan struct{}
}

// OpenCache opens the database at path and creates it, with its folder, where it
// is missing. The error of a file that is damaged, not ours or not writable says
// what to do about it.
func OpenCache(path string) (*Cache, error) {
	c := &Cache{
		path:    path,
		pending: map[[32]byte][]byte{},
		full:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
		done:    make(chan struct{}),
	}
	c.room.L = &c.mu
	if err := c.open(); err != nil {
		if c.db != nil {
			c.db.Close()
		}
		return nil, c.explain(err)
	}
	go c.writer()
	return c, nil
}

func (c *Cache) open() (err error) {
	abs, err := filepath.Abs(c.path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
		return err
	}
	name := "file:" + (&url.URL{Path: filepath.ToSlash(abs)}).EscapedPath()
	pragmas := url.Values{
		"_txlock": {"immediate"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTime.Milliseconds()), "journal_mode(wal)", "synchronous(normal)"},
	}
	if c.db, err = sql.Open("sqlite", name+"?"+pragmas.Encode()); err != nil {
		return err
	}
	// Switching a new file to WAL can fail at once where another process does the same.
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if err = c.create(); !isBusy(err) || time.Since(start) > busyTime {
			break
		}
	}
	if err != nil {
		return err
	}
	if c.get, err = c.db.Prepare("SELECT value FROM verdicts WHERE key = ?"); err != nil {
		return err
	}
	if c.put, err = c.db.Prepare("INSERT OR REPLACE INTO verdicts (key, value, created) VALUES (?, ?, ?)"); err != nil {
		return err
	}
	if c.zip, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)); err != nil {
		return err
	}
	c.unzip, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0))
	return err
}

var errNotOurs = errors.New("a database, but no cache of Hone's")

// create makes the table in an empty database and recognises ours. It takes the
// write lock, so that a file we may not write is found here.
func (c *Cache) create() error {
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var id, tables int
	if err := tx.QueryRow("PRAGMA application_id").Scan(&id); err != nil {
		return err
	}
	if err := tx.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return err
	}
	switch {
	case id == applicationID:
		return nil
	case id != 0 || tables > 0:
		return errNotOurs
	}
	for _, q := range []string{
		"CREATE TABLE verdicts (key BLOB PRIMARY KEY, value BLOB NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID",
		fmt.Sprintf("PRAGMA application_id = %d", applicationID),
	} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// code is the primary SQLite result code of err, or 0.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

func isBusy(err error) bool {
	c := code(err)
	return c == sqlite3.SQLITE_BUSY || c == sqlite3.SQLITE_LOCKED
}

// explain adds what the user can do.
func (c *Cache) explain(err error) error {
	help := "choose another file with --cache FILE, or --cache off"
	switch code(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		help = "it is damaged or no database: delete it, nothing but time is lost, or use --cache off"
	case sqlite3.SQLITE_FULL:
		help = "make room, or use --cache off"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		help = "another process keeps it locked: wait for it, or use --cache off"
	}
	return fmt.Errorf("cache %s: %w (%s)", c.path, err, help)
}

// Get returns the value stored under key, a fresh slice, or false.
func (c *Cache) Get(ctx context.Context, key [32]byte) ([]byte, bool, error) {
	c.mu.Lock()
	stored, ok := c.pending[key]
	if !ok {
		stored, ok = c.writing[key]
	}
	c.mu.Unlock()
	if !ok {
		err := c.get.QueryRowContext(ctx, key[:]).Scan(&stored)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, c.explain(err)
		}
	}
	value, err := c.unpack(stored)
	if err != nil {
		return nil, false, fmt.Errorf("cache %s: value of %x: %w", c.path, key, err)
	}
	return value, true, nil
}

// Put stores a copy of value under key, soon: it is written with others in one
// transaction, within 200 ms or when 500 are waiting, and until then is only
// seen by this Cache. A row that cannot be written is dropped, see [Cache.Err].
// After [Cache.Close] Put does nothing.
func (c *Cache) Put(key [32]byte, value []byte) {
	stored := c.pack(value)
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) >= maxPending && !c.closed {
		c.room.Wait()
	}
	if c.closed {
		return
	}
	c.pending[key] = stored
	if len(c.pending) >= batchRows {
		select {
		case c.full <- struct{}{}:
		default:
		}
	}
}

func (c *Cache) pack(value []byte) []byte {
	if len(value) > plainBytes {
		if b := c.zip.EncodeAll(value, []byte{formZstd}); len(b) < len(value) {
			return b
		}
	}
	return append([]byte{formPlain}, value...)
}

func (c *Cache) unpack(stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return nil, errors.New("empty")
	}
	switch stored[0] {
	case formPlain:
		return bytes.Clone(stored[1:]), nil
	case formZstd:
		return c.unzip.DecodeAll(stored[1:], nil)
	}
	return nil, fmt.Errorf("unknown form %d", stored[0])
}

// writer empties pending until the cache is closed.
func (c *Cache) writer() {
	defer close(c.done)
	tick := time.NewTicker(batchTime)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.writeBatch()
		case <-c.full:
			c.writeBatch()
		case <-c.stop:
			c.writeBatch()
			return
		}
	}
}

func (c *Cache) writeBatch() {
	c.mu.Lock()
	c.writing, c.pending = c.pending, map[[32]byte][]byte{}
	c.room.Broadcast()
	c.mu.Unlock()

	err := c.insert(c.writing)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.writing = nil
	if err != nil && c.err == nil {
		c.err = c.explain(err)
	}
}

// insert writes the rows in the order of their keys, which is the table's.
func (c *Cache) insert(rows map[[32]byte][]byte) error {
	if len(rows) == 0 {
		return nil
	}
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	tx, err := c.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	put := tx.Stmt(c.put)
	now := time.Now().Unix()
	for _, k := range keys {
		if _, err := put.Exec(k[:], rows[k], now); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Err returns the first error of writing, or nil. The rows of a transaction that
// failed are not in the cache; later ones are tried again.
func (c *Cache) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close writes what is waiting and closes the database. It returns [Cache.Err], or
// the error of closing. It may be called more than once.
func (c *Cache) Close() error {
	c.mu.Lock()
	if c.closed {
		defer c.mu.Unlock()
		return c.err
	}
	c.closed = true
	c.room.Broadcast()
	c.mu.Unlock()
	close(c.stop)
	<-c.done
	c.unzip.Close()
	err := c.db.Close()
	if e := c.Err(); e != nil {
		return e
	}
	return err
}
