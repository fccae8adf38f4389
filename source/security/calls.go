package security

import (
	"strconv"
	"strings"

	"hone/source/python"
)

func execUsed(c call) *match {
	if c.qualified == "exec" {
		return c.function()
	}
	return nil
}

// Bits of a file's mode.
const (
	othersWrite  = 0o002
	groupExecute = 0o010
)

func badPermissions(c call) *match {
	if !strings.Contains(c.name, "chmod") || len(c.Args) != 2 {
		return nil
	}
	mode, ok := literal(c.Args[1]).(int64)
	if !ok || mode&(othersWrite|groupExecute) == 0 {
		return nil
	}
	file := "NOT PARSED"
	switch v := literal(c.Args[0]).(type) {
	case string:
		file = v
	case int64:
		file = strconv.FormatInt(v, 10)
	}
	m := &match{span: c.Args[1].Pos(), reported: c.Span, args: []any{"0o" + strconv.FormatInt(mode, 8), file}}
	if mode&othersWrite == 0 {
		m.severity = medium
	}
	return m
}

func flaskDebug(c call) *match {
	if strings.HasSuffix(c.qualified, ".run") && c.keywordIs("debug", "True") && c.w.importsLike("flask") {
		return c.at("debug")
	}
	return nil
}

// weakHash looks for hashes by name; in the current edition for all weak ones.
func weakHash(c call) *match {
	if !c.hasPart("hashlib") {
		return nil
	}
	var name string
	switch {
	case c.name == "new" && c.first() != nil:
		name, _ = argument(c.first()).(string)
	case c.name == "new":
		name, _ = c.keywordValue("name").(string)
	case c.w.options.Edition == Current:
		if c.name != strings.ToLower(c.name) {
			return nil
		}
		name = c.name
	}
	name = strings.ToLower(name)
	if c.w.options.Edition == Bandit162 {
		if name == "md4" || name == "md5" {
			return c.function()
		}
		return nil
	}
	switch name {
	case "md4", "md5", "sha", "sha1":
		if v := c.keyword("usedforsecurity"); v != nil && !c.keywordIs("usedforsecurity", "True") {
			return nil
		}
		m := c.function()
		m.severity = high
		m.message = "Use of weak " + strings.ToUpper(name) + " hash for security. Consider usedforsecurity=False"
		return m
	}
	return nil
}

func noCertificate(c call) *match {
	switch c.name {
	case "get", "options", "head", "post", "put", "patch", "delete":
		if strings.Contains(c.qualified, "requests") && c.keywordIs("verify", "False") {
			return c.at("verify")
		}
	}
	return nil
}

// badProtocols are versions of TLS that are broken, in the words of the modules
// ssl and OpenSSL.
var badProtocols = []string{
	"PROTOCOL_SSLv2", "SSLv2_METHOD", "SSLv23_METHOD",
	"PROTOCOL_SSLv3", "PROTOCOL_TLSv1", "SSLv3_METHOD", "TLSv1_METHOD",
}

func badTLS(c call) *match {
	switch c.qualified {
	case "ssl.wrap_socket":
		return c.badProtocol("ssl_version", "ssl.wrap_socket call")
	case "pyOpenSSL.SSL.Context":
		return c.badProtocol("method", "SSL.Context call")
	}
	for _, name := range []string{"method", "ssl_version"} {
		if !c.keywordIs(name, badProtocols...) {
			continue
		}
		m := c.at(name)
		if k := c.keyword("method"); k != nil {
			m.reported = k.Value.Pos()
		}
		return m
	}
	return nil
}

// badProtocol is for the functions that are known to take a version.
func (c call) badProtocol(name, what string) *match {
	if !c.keywordIs(name, badProtocols...) {
		return nil
	}
	m := c.at(name)
	m.severity, m.confidence = high, high
	m.message = what + " with insecure SSL/TLS protocol version identified, security issue."
	return m
}

func badTLSDefault(f *python.FunctionDef) *match {
	if f.Args == nil {
		return nil
	}
	for _, d := range f.Args.Defaults {
		a, ok := d.(*python.Attribute)
		if !ok {
			continue
		}
		for _, bad := range badProtocols {
			if a.Attr == bad {
				return &match{span: a.Span, reported: f.Span}
			}
		}
	}
	return nil
}

func noTLSVersion(c call) *match {
	if c.qualified == "ssl.wrap_socket" && c.keywordValue("ssl_version") == nil {
		return c.at("ssl_version")
	}
	return nil
}

// keyMaker is a function that makes keys: of which kind, and which argument is
// their size in bits.
type keyMaker struct {
	kind     string
	keyword  string
	position int
}

var keyMakers = map[string]keyMaker{
	"cryptography.hazmat.primitives.asymmetric.dsa.generate_private_key": {"DSA", "key_size", 0},
	"cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key": {"RSA", "key_size", 1},
	"cryptography.hazmat.primitives.asymmetric.ec.generate_private_key":  {"EC", "curve", 0},
	"Crypto.PublicKey.DSA.generate":                                      {"DSA", "bits", 0},
	"Crypto.PublicKey.RSA.generate":                                      {"RSA", "bits", 0},
	"Cryptodome.PublicKey.DSA.generate":                                  {"DSA", "bits", 0},
	"Cryptodome.PublicKey.RSA.generate":                                  {"RSA", "bits", 0},
}

// keyLimits are the sizes, in bits, below which a kind of key is bad and weak.
var keyLimits = map[string][2]int64{"DSA": {1024, 2048}, "RSA": {1024, 2048}, "EC": {160, 224}}

// weakCurves are the sizes of the curves that are too small.
var weakCurves = map[string]int64{"SECP192R1": 192, "SECT163K1": 163, "SECT163R2": 163}

func weakKey(c call) *match {
	maker, ok := keyMakers[c.qualified]
	if !ok {
		return nil
	}
	bits, ok := maker.bits(c)
	if !ok {
		return nil
	}
	m := c.function()
	if k := c.keyword(maker.keyword); k != nil {
		m.span = k.Span
	}
	m.reported = c.Span
	limits := keyLimits[maker.kind]
	switch {
	case bits < limits[0]:
		m.severity = high
		m.args = []any{maker.kind, limits[0]}
	case bits < limits[1]:
		m.args = []any{maker.kind, limits[1]}
	default:
		return nil
	}
	return m
}

// bits is the size of the keys that a call asks for; ok is false where the text
// does not say.
func (k keyMaker) bits(c call) (bits int64, ok bool) {
	v := c.keywordValue(k.keyword)
	if k.kind == "EC" {
		if v == nil || v == "" {
			if len(c.Args) == 0 {
				return 0, false
			}
			v = argument(c.Args[0])
		}
		curve, _ := v.(string)
		bits, ok = weakCurves[curve]
		return bits, ok
	}
	if falsy(v) && k.position < len(c.Args) {
		v = literal(c.Args[k.position])
	}
	switch v := v.(type) {
	case int64:
		if v != 0 {
			return v, true
		}
	case float64:
		return int64(v), v != 0
	}
	return 0, false
}

func falsy(v value) bool {
	return v == nil || v == value("") || v == value(int64(0)) || v == value(0.0)
}

func yamlLoad(c call) *match {
	if c.name != "load" || !c.w.imports["yaml"] || !c.hasPart("yaml") ||
		c.keywordIs("Loader", "SafeLoader", "CSafeLoader") {
		return nil
	}
	return c.function()
}

func anyHostKey(c call) *match {
	if c.name != "set_missing_host_key_policy" || c.first() == nil || !c.w.importsLike("paramiko") {
		return nil
	}
	switch argument(c.first()) {
	case "AutoAddPolicy", "WarningPolicy":
		return &match{span: c.first().Pos(), reported: c.Span}
	}
	return nil
}

func paramikoCommand(c call) *match {
	if c.name == "exec_command" && c.w.importsLike("paramiko") {
		return c.function()
	}
	return nil
}
