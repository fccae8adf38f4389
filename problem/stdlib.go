package problem

import (
	"regexp"
	"slices"
	"strings"
)

// stdlib holds the top-level modules of CPython's standard library, 3.8 to 3.14.
var stdlib = func() map[string]bool {
	m := map[string]bool{}
	for name := range strings.FieldsSeq(stdlibNames) {
		m[name] = true
	}
	return m
}()

var importLine = regexp.MustCompile(`(?m)^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b|import[ \t]+([A-Za-z_][^\n#;]*))`)

var importItem = regexp.MustCompile(`^\s*([A-Za-z_]\w*)(?:\.\w+)*(?:\s+as\s+\w+)?\s*$`)

// thirdParty lists the top-level modules outside the standard library that the code imports, sorted.
func thirdParty(code ...string) []string {
	var out []string
	add := func(name string) {
		if name != "" && !stdlib[name] && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, text := range code {
		for _, m := range importLine.FindAllStringSubmatch(text, -1) {
			add(m[1])
			for part := range strings.SplitSeq(m[2], ",") {
				if m := importItem.FindStringSubmatch(part); m != nil {
					add(m[1])
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

const stdlibNames = `
__future__ abc aifc annotationlib argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb
binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections
colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes
curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno
faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext
glob graphlib grp gzip hashlib heapq hmac html http imaplib imghdr imp importlib inspect io ipaddress
itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap
modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath
pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline
reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd
smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios
textwrap threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle
turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg
winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
`
