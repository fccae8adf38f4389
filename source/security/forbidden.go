package security

import (
	"strings"

	"hone/source"
	"hone/source/python"
)

// forbidden is a rule against names.
type forbidden struct {
	Rule
	// names are, for calls, qualified names, where a final * stands for anything;
	// for imports, beginnings of what is imported.
	names []string
}

const xmlCall = "Using {name} to parse untrusted XML data is known to be vulnerable to XML attacks. " +
	"Replace {name} with its defusedxml equivalent function"

const xmlImport = "Using {name} to parse untrusted XML data is known to be vulnerable to XML attacks. " +
	"Replace {name} with the equivalent defusedxml package"

const xmlHelp = "A document can be small and expand without end, or name local files. Use defusedxml."

// forbiddenCalls are functions that are dangerous to call.
var forbiddenCalls = []forbidden{
	{
		Rule{ID: "B301", Name: "pickle", Severity: source.Medium, Message: "Pickle and modules that wrap it can be unsafe when used to deserialize untrusted data, possible security issue.", Help: "A pickle can call anything when it is read. Use JSON for what comes from outside."},
		join("loads load Unpickler", "pickle", "cPickle", "dill"),
	},
	{
		Rule{ID: "B302", Name: "marshal", Severity: source.Medium, Message: "Deserialization with the marshal module is possibly dangerous.", Help: "Reading what is broken or made up can crash the interpreter. Use JSON for what comes from outside."},
		join("load loads", "marshal"),
	},
	{
		Rule{ID: "B303", Name: "md5", Severity: source.Medium, Message: "Use of insecure MD2, MD4, MD5, or SHA1 hash function.", Help: "Collisions can be made for this hash. Use SHA-256."},
		append(
			join("md5 sha1", "hashlib"),
			append(
				join("MD2.new MD4.new MD5.new SHA.new", "Crypto.Hash", "Cryptodome.Hash"),
				join("MD5 SHA1", "cryptography.hazmat.primitives.hashes")...,
			)...,
		),
	},
	{
		Rule{ID: "B304", Name: "ciphers", Severity: source.High, Message: "Use of insecure cipher {name}. Replace with a known secure cipher such as AES.", Help: "This cipher can be broken. Use AES in an authenticated mode."},
		append(
			join("ARC2.new ARC4.new Blowfish.new DES.new XOR.new", "Crypto.Cipher", "Cryptodome.Cipher"),
			join("ARC4 Blowfish IDEA", "cryptography.hazmat.primitives.ciphers.algorithms")...,
		),
	},
	{
		Rule{ID: "B305", Name: "cipher_modes", Severity: source.Medium, Message: "Use of insecure cipher mode {name}.", Help: "Equal blocks have equal ciphertexts in ECB. Use an authenticated mode such as GCM."},
		join("ECB", "cryptography.hazmat.primitives.ciphers.modes"),
	},
	{
		Rule{ID: "B306", Name: "mktemp_q", Severity: source.Medium, Message: "Use of insecure and deprecated function (mktemp).", Help: "Between naming and opening the file another can make it. Use mkstemp."},
		join("mktemp", "tempfile"),
	},
	{
		Rule{ID: "B307", Name: "eval", Severity: source.Medium, Message: "Use of possibly insecure function - consider using safer ast.literal_eval.", Help: "What is evaluated can do all that the program can. Use ast.literal_eval for data."},
		[]string{"eval"},
	},
	{
		Rule{ID: "B308", Name: "mark_safe", Severity: source.Medium, Message: "Use of mark_safe() may expose cross-site scripting vulnerabilities and should be reviewed.", Help: "Text from outside can hold HTML and scripts. Escape it, for example with format_html."},
		join("mark_safe", "django.utils.safestring"),
	},
	{
		Rule{ID: "B309", Name: "httpsconnection", Python2: true, Severity: source.Medium, Message: "Use of HTTPSConnection on older versions of Python prior to 2.7.9 and 3.4.3 do not provide security, see https://wiki.openstack.org/wiki/OSSN/OSSN-0033", Help: "Python before 2.7.9 and 3.4.3 does not check certificates."},
		join("HTTPSConnection", "httplib", "http.client", "six.moves.http_client"),
	},
	{
		Rule{ID: "B310", Name: "urllib_urlopen", Severity: source.Medium, Message: "Audit url open for permitted schemes. Allowing use of file:/ or custom schemes is often unexpected.", Help: "An address from outside can be file:/… too. Check its scheme."},
		append(
			join("urlopen urlretrieve URLopener FancyURLopener", "urllib", "urllib.request", "six.moves.urllib.request"),
			join("urlopen Request", "urllib2")...,
		),
	},
	{
		Rule{ID: "B311", Name: "random", Severity: source.Low, Message: "Standard pseudo-random generators are not suitable for security/cryptographic purposes.", Help: "What these generators give can be foretold. Use the module secrets for keys and tokens."},
		join("random randrange randint choice uniform triangular", "random"),
	},
	{
		Rule{ID: "B312", Name: "telnetlib", Severity: source.High, Message: "Telnet-related functions are being called. Telnet is considered insecure. Use SSH or some other encrypted protocol.", Help: "Telnet sends all in the clear, passwords too. Use SSH."},
		[]string{"telnetlib.*"},
	},
	{
		Rule{ID: "B313", Name: "xml_bad_cElementTree", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("parse iterparse fromstring XMLParser", "xml.etree.cElementTree"),
	},
	{
		Rule{ID: "B314", Name: "xml_bad_ElementTree", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("parse iterparse fromstring XMLParser", "xml.etree.ElementTree"),
	},
	{
		Rule{ID: "B315", Name: "xml_bad_expatreader", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("create_parser", "xml.sax.expatreader"),
	},
	{
		Rule{ID: "B316", Name: "xml_bad_expatbuilder", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("parse parseString", "xml.dom.expatbuilder"),
	},
	{
		Rule{ID: "B317", Name: "xml_bad_sax", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("parse parseString make_parser", "xml.sax"),
	},
	{
		Rule{ID: "B318", Name: "xml_bad_minidom", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("parse parseString", "xml.dom.minidom"),
	},
	{
		Rule{ID: "B319", Name: "xml_bad_pulldom", Severity: source.Medium, Message: xmlCall + " or make sure defusedxml.defuse_stdlib() is called", Help: xmlHelp},
		join("parse parseString", "xml.dom.pulldom"),
	},
	{
		Rule{ID: "B320", Name: "xml_bad_etree", Severity: source.Medium, Message: xmlCall + ".", Help: xmlHelp},
		join("parse fromstring RestrictedElement GlobalParserTLS getDefaultParser check_docinfo", "lxml.etree"),
	},
	{
		Rule{ID: "B321", Name: "ftplib", Severity: source.High, Message: "FTP-related functions are being called. FTP is considered insecure. Use SSH/SFTP/SCP or some other encrypted protocol.", Help: "FTP sends all in the clear, passwords too. Use SFTP."},
		[]string{"ftplib.*"},
	},
	{
		Rule{ID: "B322", Name: "input", Python2: true, Severity: source.High, Message: "The input method in Python 2 will read from standard input, evaluate and run the resulting string as python source code. This is similar, though in many ways worse, then using eval. On Python 2, use raw_input instead, input is safe in Python 3.", Help: "In Python 2 input evaluates what is typed. In Python 3 it is harmless."},
		[]string{"input"},
	},
	{
		Rule{ID: "B323", Name: "unverified_context", Severity: source.Medium, Message: "By default, Python will create a secure, verified ssl context for use in such classes as HTTPSConnection. However, it still allows using an insecure context via the _create_unverified_context that reverts to the previous behavior that does not validate certificates or perform hostname checks.", Help: "Whoever is on the line can answer instead of the server. Use ssl.create_default_context."},
		join("_create_unverified_context", "ssl"),
	},
	{
		Rule{ID: "B325", Name: "tempnam", Python2: true, Severity: source.Medium, Message: "Use of os.tempnam() and os.tmpnam() is vulnerable to symlink attacks. Consider using tmpfile() instead.", Help: "Between naming and opening the file another can make it. Use mkstemp."},
		join("tempnam tmpnam", "os"),
	},
}

// forbiddenImports are modules whose import alone is worth a look.
var forbiddenImports = []forbidden{
	{
		Rule{ID: "B401", Name: "import_telnetlib", Severity: source.High, Message: "A telnet-related module is being imported.  Telnet is considered insecure. Use SSH or some other encrypted protocol.", Help: "Telnet sends all in the clear, passwords too. Use SSH."},
		[]string{"telnetlib"},
	},
	{
		Rule{ID: "B402", Name: "import_ftplib", Severity: source.High, Message: "A FTP-related module is being imported.  FTP is considered insecure. Use SSH/SFTP/SCP or some other encrypted protocol.", Help: "FTP sends all in the clear, passwords too. Use SFTP."},
		[]string{"ftplib"},
	},
	{
		Rule{ID: "B403", Name: "import_pickle", Severity: source.Low, Message: "Consider possible security implications associated with {name} module.", Help: "A pickle can call anything when it is read. Use JSON for what comes from outside."},
		[]string{"pickle", "cPickle", "dill"},
	},
	{
		Rule{ID: "B404", Name: "import_subprocess", Severity: source.Low, Message: "Consider possible security implications associated with {name} module.", Help: "What is started should not come from outside unchecked."},
		[]string{"subprocess"},
	},
	{
		Rule{ID: "B405", Name: "import_xml_etree", Severity: source.Low, Message: xmlImport + ", or make sure defusedxml.defuse_stdlib() is called.", Help: xmlHelp},
		join("cElementTree ElementTree", "xml.etree"),
	},
	{
		Rule{ID: "B406", Name: "import_xml_sax", Severity: source.Low, Message: xmlImport + ", or make sure defusedxml.defuse_stdlib() is called.", Help: xmlHelp},
		[]string{"xml.sax"},
	},
	{
		Rule{ID: "B407", Name: "import_xml_expat", Severity: source.Low, Message: xmlImport + ", or make sure defusedxml.defuse_stdlib() is called.", Help: xmlHelp},
		[]string{"xml.dom.expatbuilder"},
	},
	{
		Rule{ID: "B408", Name: "import_xml_minidom", Severity: source.Low, Message: xmlImport + ", or make sure defusedxml.defuse_stdlib() is called.", Help: xmlHelp},
		[]string{"xml.dom.minidom"},
	},
	{
		Rule{ID: "B409", Name: "import_xml_pulldom", Severity: source.Low, Message: xmlImport + ", or make sure defusedxml.defuse_stdlib() is called.", Help: xmlHelp},
		[]string{"xml.dom.pulldom"},
	},
	{
		Rule{ID: "B410", Name: "import_lxml", Severity: source.Low, Message: xmlImport + ".", Help: xmlHelp},
		[]string{"lxml"},
	},
	{
		Rule{ID: "B411", Name: "import_xmlrpclib", Severity: source.High, Message: "Using {name} to parse untrusted XML data is known to be vulnerable to XML attacks. Use defused.xmlrpc.monkey_patch() function to monkey-patch xmlrpclib and mitigate XML vulnerabilities.", Help: "A document can be small and expand without end. Use defusedxml."},
		[]string{"xmlrpclib"},
	},
	{
		Rule{ID: "B412", Name: "import_httpoxy", Severity: source.High, Message: "Consider possible security implications associated with {name} module.", Help: "Visitors can set HTTP_PROXY for CGI programs by a header (httpoxy)."},
		[]string{"wsgiref.handlers.CGIHandler", "twisted.web.twcgi.CGIScript", "twisted.web.twcgi.CGIDirectory"},
	},
	{
		Rule{ID: "B413", Name: "import_pycrypto", Severity: source.High, Message: "The pyCrypto library and its module {name} are no longer actively maintained and have been deprecated. Consider using pyca/cryptography library.", Help: "pycrypto has known faults and is not maintained. Use cryptography or pycryptodome."},
		join("Cipher Hash IO Protocol PublicKey Random Signature Util", "Crypto"),
	},
}

// join is each member of each module.
func join(members string, modules ...string) []string {
	var names []string
	for _, module := range modules {
		for member := range strings.FieldsSeq(members) {
			names = append(names, module+"."+member)
		}
	}
	return names
}

// byName has the rule against each name, and those against all of a module under
// its name with a final dot.
var byName = func() map[string]*forbidden {
	m := map[string]*forbidden{}
	for _, table := range [][]forbidden{forbiddenImports, forbiddenCalls} {
		for i := range table {
			for _, name := range table[i].names {
				m[strings.TrimSuffix(name, "*")] = &table[i]
			}
		}
	}
	return m
}()

// forbiddenCall looks for a call of a forbidden function, and for an import by
// call of a forbidden module.
func (w *walker) forbiddenCall(c call) {
	name := c.qualified
	if f, ok := c.Func.(*python.Name); ok && f.ID == "__import__" {
		name = importedByCall(c)
	} else if name == "importlib.import_module" || name == "importlib.__import__" {
		if c.first() == nil {
			return
		}
		module, ok := argument(c.first()).(string)
		if !ok {
			return
		}
		name = module
	}
	rule := byName[name]
	if rule == nil {
		if module, _, dotted := strings.Cut(name, "."); dotted {
			rule = byName[module+"."]
		}
	}
	if rule == nil || w.options.Edition == Current && strings.HasPrefix(name, "hashlib.") {
		return
	}
	m := c.function()
	m.message = strings.ReplaceAll(rule.Message, "{name}", name)
	w.report(&rule.Rule, c.Call, m)
}

// importedByCall is the module that __import__ is called for.
func importedByCall(c call) string {
	if k, ok := c.first().(*python.Constant); ok && k.Kind == python.StrConstant {
		return k.Value
	}
	if c.first() == nil {
		return ""
	}
	return "UNKNOWN"
}

// imported looks for forbidden modules in an import; one is reported.
func (w *walker) imported(n python.Node, names []*python.Alias, prefix string) {
	for i := range forbiddenImports {
		rule := &forbiddenImports[i]
		for _, a := range names {
			for _, begin := range rule.names {
				if strings.HasPrefix(prefix+a.Name, begin) {
					w.report(&rule.Rule, n, &match{span: a.Span, message: strings.ReplaceAll(rule.Message, "{name}", a.Name)})
					return
				}
			}
		}
	}
}
