package security

import (
	"fmt"
	"regexp"
	"strings"

	"hone/source/python"
)

// starter says how a function starts a process.
type starter uint8

const (
	noStarter         starter = iota
	subprocessStarter         // the module subprocess: with a shell if asked to
	shellStarter              // always with a shell
	directStarter             // never with a shell
)

var starters = func() map[string]starter {
	m := map[string]starter{}
	add := func(s starter, names []string) {
		for _, n := range names {
			m[n] = s
		}
	}
	add(subprocessStarter, join("Popen call check_call check_output run", "subprocess"))
	add(shellStarter, join("system popen popen2 popen3 popen4", "os"))
	add(shellStarter, join("popen2 popen3 popen4 Popen3 Popen4", "popen2"))
	add(shellStarter, join("getoutput getstatusoutput", "commands"))
	add(directStarter, join("execl execle execlp execlpe execv execve execvp execvpe spawnl spawnle "+
		"spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe startfile", "os"))
	return m
}()

func (c call) starter() starter { return starters[c.qualified] }

// hasShell reports whether the argument shell is given and true, or may be.
func (c call) hasShell() bool {
	k := c.keyword("shell")
	if k == nil {
		return false
	}
	switch e := k.Value.(type) {
	case *python.List:
		return len(e.Elts) > 0
	case *python.Dict:
		return len(e.Keys) > 0
	case *python.Constant:
		switch e.Kind {
		case python.NoneConstant, python.FalseConstant:
			return false
		case python.IntConstant:
			return e.Value != "0"
		case python.FloatConstant, python.ComplexConstant:
			return e.Value != "0.0" && e.Value != "0j"
		}
	}
	return true
}

func subprocessShell(c call) *match {
	if c.starter() != subprocessStarter || !c.hasShell() || c.first() == nil {
		return nil
	}
	m := c.at("shell")
	if isStr(c.first()) {
		m.severity = low
		m.message = "subprocess call with shell=True seems safe, but may be changed in the future, consider rewriting without shell"
	}
	return m
}

func subprocessNoShell(c call) *match {
	if c.starter() == subprocessStarter && !c.hasShell() {
		return c.at("shell")
	}
	return nil
}

func otherShell(c call) *match {
	if c.starter() != subprocessStarter && c.hasShell() {
		return c.at("shell")
	}
	return nil
}

func startShell(c call) *match {
	if c.starter() != shellStarter || c.first() == nil {
		return nil
	}
	m := c.function()
	if isStr(c.first()) {
		m.severity = low
		m.message = "Starting a process with a shell: Seems safe, but may be changed in the future, consider rewriting without shell"
	}
	return m
}

func startNoShell(c call) *match {
	if c.starter() == directStarter {
		return c.function()
	}
	return nil
}

// fullPath matches the beginning of a path that is not looked up: a drive, a
// separator or a dot.
var fullPath = regexp.MustCompile(`^(?:[A-Za-z]:|[\\/.])`)

func partialPath(c call) *match {
	if c.starter() == noStarter {
		return nil
	}
	program := c.first()
	if l, ok := program.(*python.List); ok {
		if len(l.Elts) == 0 {
			return nil
		}
		program = l.Elts[0]
	}
	if k, ok := program.(*python.Constant); ok && isStr(k) && !fullPath.MatchString(k.Value) {
		return &match{span: k.Span, reported: c.Span}
	}
	return nil
}

// wildcard looks for commands that take what a * matches for options.
func wildcard(c call) *match {
	if c.starter() != shellStarter && (c.starter() != subprocessStarter || !c.keywordIs("shell", "True")) {
		return nil
	}
	if c.first() == nil {
		return nil
	}
	var command string
	switch v := literal(c.first()).(type) {
	case list:
		for _, part := range v {
			command += fmt.Sprintf(" %v", part)
		}
	case string:
		command = v
	}
	if !strings.Contains(command, "*") {
		return nil
	}
	for _, program := range []string{"chown", "chmod", "tar", "rsync"} {
		if strings.Contains(command, program) {
			m := c.at("shell")
			m.args = []any{c.qualified}
			return m
		}
	}
	return nil
}
