package security

import (
	"cmp"
	"slices"
	"strings"

	"hone/source"
	"hone/source/python"
)

// Rule is one thing that is looked for.
type Rule struct {
	// ID is Bandit's: B602.
	ID string
	// Name is Bandit's name of the test.
	Name string
	// Message is worded as Bandit words it; {name} and % stand for what varies.
	Message string
	// Severity and Confidence are the usual grades; some findings have others.
	Severity   source.Severity
	Confidence source.Severity
	// Python2 says that the rule is about old Pythons alone.
	Python2 bool
	// Help says what can happen, and what to do.
	Help string
}

// Aliases are the names that flake8-bandit and ruff have for the rule: S602 for
// B602, and S324 for all weak hashes, also those that Bandit 1.6.2 finds as B303.
func (r *Rule) Aliases() []string {
	s := []string{"S" + strings.TrimPrefix(r.ID, "B")}
	if r.ID == "B303" {
		s = append(s, "S324")
	}
	return s
}

// Usual reports whether sound programs of today break the rule all the time: by
// assert, or by what was dangerous in Python 2. Rewards do not count such rules.
func (r *Rule) Usual() bool { return r.ID == "B101" || r.Python2 }

// Rules are all rules in the order of their ids.
func Rules() []Rule {
	var rules []Rule
	rules = appendRules(rules, callRules)
	rules = appendRules(rules, stringRules)
	rules = appendRules(rules, functionRules)
	rules = appendRules(rules, handlerRules)
	rules = appendRules(rules, assertRules)
	for _, table := range [][]forbidden{forbiddenCalls, forbiddenImports} {
		for _, f := range table {
			rules = append(rules, f.Rule)
		}
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return rules
}

func appendRules[T any](rules []Rule, rows []row[T]) []Rule {
	for _, r := range rows {
		rules = append(rules, *r.rule)
	}
	return rules
}

// init gives names on the lists the confidence that Bandit has in all of them.
func init() {
	for _, table := range [][]forbidden{forbiddenCalls, forbiddenImports} {
		for i := range table {
			table[i].Confidence = source.High
		}
	}
}

// Short names for the grades in the tables.
const (
	low    = source.Low
	medium = source.Medium
	high   = source.High
)

// callRules look at calls.
var callRules = []row[call]{
	{&Rule{"B102", "exec_used", "Use of exec detected.", medium, high, false, "What is executed can do all that the program can. Use a function, a table or ast.literal_eval."}, execUsed},
	{&Rule{"B103", "set_bad_file_permissions", "Chmod setting a permissive mask %s on file (%s).", high, high, false, "Others may change the file, or the group run it. Give only the rights that are needed."}, badPermissions},
	{&Rule{"B106", "hardcoded_password_funcarg", "Possible hardcoded password: '%s'", low, medium, false, "Who reads the program knows the password. Take it from the environment or a file."}, passwordArgument},
	{&Rule{"B201", "flask_debug_true", "A Flask app appears to be run with debug=True, which exposes the Werkzeug debugger and allows the execution of arbitrary code.", high, medium, false, "The debugger of Werkzeug runs whatever a visitor types. Turn debug off outside of development."}, flaskDebug},
	{&Rule{"B324", "hashlib_new_insecure_functions", "Use of insecure MD4 or MD5 hash function.", medium, high, false, "Collisions can be made for this hash. Use SHA-256, or say usedforsecurity=False."}, weakHash},
	{&Rule{"B501", "request_with_no_cert_validation", "Requests call with verify=False disabling SSL certificate checks, security issue.", high, high, false, "Whoever is on the line can answer instead of the server. Leave verify on."}, noCertificate},
	{&Rule{"B502", "ssl_with_bad_version", "Function call with insecure SSL/TLS protocol identified, possible security issue.", medium, medium, false, "This version of TLS is broken. Use the default context of ssl."}, badTLS},
	{&Rule{"B504", "ssl_with_no_version", "ssl.wrap_socket call with no SSL/TLS protocol version specified, the default SSLv23 could be insecure, possible security issue.", low, medium, false, "What wrap_socket accepts by default includes broken versions. Use the default context of ssl."}, noTLSVersion},
	{&Rule{"B505", "weak_cryptographic_key", "%s key sizes below %d bits are considered breakable. ", medium, high, false, "Keys of this size can be broken. Use 2048 bits or more, or a curve of 224 or more."}, weakKey},
	{&Rule{"B506", "yaml_load", "Use of unsafe yaml load. Allows instantiation of arbitrary objects. Consider yaml.safe_load().", medium, high, false, "A document can make the loader call anything. Use yaml.safe_load."}, yamlLoad},
	{&Rule{"B507", "ssh_no_host_key_verification", "Paramiko call with policy set to automatically trust the unknown host key.", high, medium, false, "Whoever is on the line can pose as the host. Reject unknown keys."}, anyHostKey},
	{&Rule{"B601", "paramiko_calls", "Possible shell injection via Paramiko call, check inputs are properly sanitized.", medium, medium, false, "The command goes to a shell on the other side. Quote what comes from outside with shlex.quote."}, paramikoCommand},
	{&Rule{"B602", "subprocess_popen_with_shell_equals_true", "subprocess call with shell=True identified, security issue.", high, high, false, "What comes from outside can hold commands for the shell. Pass a list and no shell."}, subprocessShell},
	{&Rule{"B603", "subprocess_without_shell_equals_true", "subprocess call - check for execution of untrusted input.", low, high, false, "There is no shell, but the program and its arguments should not come from outside unchecked."}, subprocessNoShell},
	{&Rule{"B604", "any_other_function_with_shell_equals_true", "Function call with shell=True parameter identified, possible security issue.", medium, low, false, "The function seems to start a shell, for which what comes from outside can hold commands."}, otherShell},
	{&Rule{"B605", "start_process_with_a_shell", "Starting a process with a shell, possible injection detected, security issue.", high, high, false, "What comes from outside can hold commands for the shell. Use subprocess with a list."}, startShell},
	{&Rule{"B606", "start_process_with_no_shell", "Starting a process without a shell.", low, medium, false, "There is no shell, but the program and its arguments should not come from outside unchecked."}, startNoShell},
	{&Rule{"B607", "start_process_with_partial_path", "Starting a process with a partial executable path", low, high, false, "Which program is started depends on PATH, which others may set. Name its whole path."}, partialPath},
	{&Rule{"B609", "linux_commands_wildcard_injection", "Possible wildcard injection in call: %s", high, medium, false, "Names of files that * stands for can be options of the command. Write ./* or list the files."}, wildcard},
	{&Rule{"B610", "django_extra_used", "Use of extra potential SQL attack vector.", medium, medium, false, "What extra gets becomes a part of the query as it is. Pass values as params."}, djangoExtra},
	{&Rule{"B611", "django_rawsql_used", "Use of RawSQL potential SQL attack vector.", medium, medium, false, "RawSQL becomes a part of the query as it is. Pass values as params."}, djangoRawSQL},
	{&Rule{"B701", "jinja2_autoescape_false", "Using jinja2 templates with autoescape=False is dangerous and can lead to XSS. Use autoescape=True or use the select_autoescape function to mitigate XSS vulnerabilities.", high, high, false, "Text from outside can hold HTML and scripts. Turn autoescape on."}, jinjaAutoescape},
	{&Rule{"B702", "use_of_mako_templates", "Mako templates allow HTML/JS rendering by default and are inherently open to XSS attacks. Ensure variables in all templates are properly sanitized via the 'n', 'h' or 'x' flags (depending on context). For example, to HTML escape the variable 'data' do ${ data |h }.", medium, high, false, "Text from outside can hold HTML and scripts. Filter it with |h."}, makoTemplate},
	{&Rule{"B703", "django_mark_safe", "Potential XSS on mark_safe function.", medium, high, false, "Text from outside can hold HTML and scripts. Escape it, for example with format_html."}, djangoMarkSafe},
}

// stringRules look at strings that are no docstrings.
var stringRules = []row[text]{
	{&Rule{"B104", "hardcoded_bind_all_interfaces", "Possible binding to all interfaces.", medium, medium, false, "A server bound to 0.0.0.0 is reachable from everywhere. Bind it to one address."}, allInterfaces},
	{&Rule{"B105", "hardcoded_password_string", "Possible hardcoded password: '%s'", low, medium, false, "Who reads the program knows the password. Take it from the environment or a file."}, passwordString},
	{&Rule{"B108", "hardcoded_tmp_directory", "Probable insecure usage of temp file/directory.", medium, medium, false, "Others can put a file or a link at a path that they know. Use the module tempfile."}, temporaryPath},
	{&Rule{"B608", "hardcoded_sql_expressions", "Possible SQL injection vector through string-based query construction.", medium, low, false, "What comes from outside can hold SQL. Pass values as parameters of the query."}, sqlExpression},
}

// functionRules look at definitions of functions.
var functionRules = []row[*python.FunctionDef]{
	{&Rule{"B107", "hardcoded_password_default", "Possible hardcoded password: '%s'", low, medium, false, "Who reads the program knows the password. Give the parameter no default."}, passwordDefault},
	{&Rule{"B503", "ssl_with_bad_defaults", "Function definition identified with insecure SSL/TLS protocol version by default, possible security issue.", medium, medium, false, "This version of TLS is broken. Use the default context of ssl."}, badTLSDefault},
}

// handlerRules look at handlers of exceptions.
var handlerRules = []row[*python.ExceptHandler]{
	{&Rule{"B110", "try_except_pass", "Try, Except, Pass detected.", low, high, false, "All exceptions are hidden, also those that nobody thought of. Name the one that is meant."}, exceptPass},
	{&Rule{"B112", "try_except_continue", "Try, Except, Continue detected.", low, high, false, "All exceptions are hidden, also those that nobody thought of. Name the one that is meant."}, exceptContinue},
}

// assertRules look at assert.
var assertRules = []row[*python.Assert]{
	{
		&Rule{"B101", "assert_used", "Use of assert detected. The enclosed code will be removed when compiling to optimised byte code.", low, high, false, "Python run with -O leaves asserts out. Raise an exception where the check must always happen."},
		func(*python.Assert) *match { return found },
	},
}
