package generate

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxEvent bounds one event of a stream, in bytes.
const maxEvent = 4 << 20

var errEventTooLong = fmt.Errorf("an event of the stream is longer than %d MiB", maxEvent>>20)

// readEvents calls each with the data of every server-sent event of r (WHATWG HTML,
// section 9.2.6), until r ends or each returns an error, which it returns. Comments
// and the fields event, id and retry are passed over. An event that r ends in the
// middle of is dropped, as the standard has it. data is only valid during the call.
func readEvents(r io.Reader, each func(data []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxEvent)
	lines.Split(splitLines())
	var data []byte
	has, first := false, true
	for lines.Scan() {
		line := lines.Bytes()
		if first {
			line, first = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF")), false
		}
		if len(line) == 0 {
			if has {
				if err := each(data); err != nil {
					return err
				}
			}
			data, has = data[:0], false
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if string(name) != "data" {
			continue
		}
		if has {
			data = append(data, '\n')
		}
		data, has = append(data, bytes.TrimPrefix(value, []byte(" "))...), true
		if len(data) > maxEvent {
			return errEventTooLong
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return errEventTooLong
	}
	return lines.Err()
}

// splitLines returns a split function for lines that end in \n, \r\n or \r. It does
// not wait for the byte after an \r: an \n there belongs to the line before.
func splitLines() bufio.SplitFunc {
	afterCR := false
	return func(data []byte, atEOF bool) (advance int, token []byte, err error) {
		skip := 0
		if afterCR && len(data) > 0 {
			afterCR = false
			if data[0] == '\n' {
				skip, data = 1, data[1:]
			}
		}
		at := bytes.IndexAny(data, "\r\n")
		switch {
		case at >= 0:
			afterCR = data[at] == '\r'
			return skip + at + 1, data[:at], nil
		case atEOF && len(data) > 0:
			return skip + len(data), data, nil
		}
		return skip, nil, nil
	}
}
