package style

// Rule is a rule as people read about it.
type Rule struct {
	ID string
	// Message is a finding's message; verbs stand for what differs from one to the next.
	Message string
	// Help says why, and what to do instead.
	Help string
}

// rule is the place of a rule in the table.
type rule uint8

const (
	e101 rule = iota
	e111
	e112
	e113
	e114
	e115
	e116
	e117
	e121
	e122
	e123
	e124
	e125
	e126
	e127
	e128
	e129
	e131
	e133
	e201
	e202
	e203
	e211
	e221
	e222
	e223
	e224
	e225
	e226
	e227
	e228
	e231
	e241
	e242
	e251
	e252
	e261
	e262
	e265
	e266
	e271
	e272
	e273
	e274
	e275
	e301
	e302
	e303
	e304
	e305
	e306
	e401
	e402
	e501
	e502
	e701
	e702
	e703
	e704
	e711
	e712
	e713
	e714
	e721
	e722
	e731
	e741
	e742
	e743
	e901
	w191
	w291
	w292
	w293
	w391
	w503
	w504
	w505
	w605
	w606
)

var table = [...]Rule{
	e101: {"E101", "indentation contains mixed spaces and tabs", "A line is indented with the other character than the first indented line of the file. Editors show tabs with different widths: use spaces alone."},
	e111: {"E111", "indentation is not a multiple of 4", "Indent each level by four spaces."},
	e112: {"E112", "expected an indented block", "The line before ends in a colon, so this one has to be indented. Python refuses it otherwise."},
	e113: {"E113", "unexpected indentation", "This line is indented though no block begins here. Python refuses it."},
	e114: {"E114", "indentation is not a multiple of 4 (comment)", "Indent comments like the code they belong to, four spaces a level."},
	e115: {"E115", "expected an indented block (comment)", "Indent a comment after a colon like the block that it comments on."},
	e116: {"E116", "unexpected indentation (comment)", "Indent a comment like the line before it when no block begins here."},
	e117: {"E117", "over-indented%s", "Indent a block by one level, four spaces, more than the statement it belongs to."},
	e121: {"E121", "continuation line under-indented for hanging indent", "Indent a continuation line after an opening bracket by four spaces."},
	e122: {"E122", "continuation line missing indentation or outdented", "Indent a continuation line more than the line it continues."},
	e123: {"E123", "closing bracket does not match indentation of opening bracket's line", "Put the closing bracket below the first character of the line with the opening one."},
	e124: {"E124", "closing bracket does not match visual indentation", "Put the closing bracket in the column that the other lines in the brackets start in."},
	e125: {"E125", "continuation line with same indent as next logical line", "Indent the continuation line further, so that it cannot be taken for the block after it."},
	e126: {"E126", "continuation line over-indented for hanging indent", "Indent a continuation line after an opening bracket by four spaces."},
	e127: {"E127", "continuation line over-indented for visual indent", "Start the line in the column after the opening bracket."},
	e128: {"E128", "continuation line under-indented for visual indent", "Start the line in the column after the opening bracket, or put nothing after that bracket and indent by four spaces."},
	e129: {"E129", "visually indented line with same indent as next logical line", "Indent the continuation line further, so that it cannot be taken for the block after it."},
	e131: {"E131", "continuation line unaligned for hanging indent", "Start all lines in the same brackets in the same column."},
	e133: {"E133", "closing bracket is missing indentation", "Indent the closing bracket like the lines between the brackets (only when asked for)."},
	e201: {"E201", "whitespace after '%s'", "Put no space after an opening bracket."},
	e202: {"E202", "whitespace before '%s'", "Put no space before a closing bracket."},
	e203: {"E203", "whitespace before '%s'", "Put no space before a comma, semicolon or colon."},
	e211: {"E211", "whitespace before '%s'", "Put no space between a name and the bracket of its call, index or slice."},
	e221: {"E221", "multiple spaces before operator", "One space before an operator is enough."},
	e222: {"E222", "multiple spaces after operator", "One space after an operator is enough."},
	e223: {"E223", "tab before operator", "Put a space, not a tab, before an operator."},
	e224: {"E224", "tab after operator", "Put a space, not a tab, after an operator."},
	e225: {"E225", "missing whitespace around operator", "Put one space on each side of assignments, comparisons and and, or, in, is, and the same on both sides of other operators."},
	e226: {"E226", "missing whitespace around arithmetic operator", "Spaces around + - * / show which operators bind last."},
	e227: {"E227", "missing whitespace around bitwise or shift operator", "Put a space on each side of & | ^ << >>."},
	e228: {"E228", "missing whitespace around modulo operator", "Put a space on each side of %."},
	e231: {"E231", "missing whitespace after '%s'", "Put a space after a comma, semicolon or colon, except in a slice and before a closing bracket."},
	e241: {"E241", "multiple spaces after '%s'", "One space after a comma or colon is enough; columns come apart with the next change."},
	e242: {"E242", "tab after '%s'", "Put a space, not a tab, after a comma or colon."},
	e251: {"E251", "unexpected spaces around keyword / parameter equals", "Write name=value without spaces for arguments and for defaults of parameters without a type."},
	e252: {"E252", "missing whitespace around parameter equals", "Write name: type = value with spaces for a parameter with a type."},
	e261: {"E261", "at least two spaces before inline comment", "Put two spaces between code and a comment on the same line."},
	e262: {"E262", "inline comment should start with '# '", "Begin a comment with # and one space."},
	e265: {"E265", "block comment should start with '# '", "Begin a comment with # and a space."},
	e266: {"E266", "too many leading '#' for block comment", "One # is enough."},
	e271: {"E271", "multiple spaces after keyword", "One space after a keyword is enough."},
	e272: {"E272", "multiple spaces before keyword", "One space before a keyword is enough."},
	e273: {"E273", "tab after keyword", "Put a space, not a tab, after a keyword."},
	e274: {"E274", "tab before keyword", "Put a space, not a tab, before a keyword."},
	e275: {"E275", "missing whitespace after keyword", "A keyword is no function: put a space before the bracket."},
	e301: {"E301", "expected 1 blank line, found 0", "Put a blank line between the methods of a class."},
	e302: {"E302", "expected 2 blank lines, found %d", "Put two blank lines before a function or class at the top level."},
	e303: {"E303", "too many blank lines (%d)", "At most two blank lines at the top level, one elsewhere."},
	e304: {"E304", "blank lines found after function decorator", "A decorator belongs to the line below: leave no blank line between them."},
	e305: {"E305", "expected 2 blank lines after class or function definition, found %d", "Put two blank lines after a function or class at the top level."},
	e306: {"E306", "expected 1 blank line before a nested definition, found 0", "Put a blank line before a function inside a function."},
	e401: {"E401", "multiple imports on one line", "One import a line: changes and searches are easier to read."},
	e402: {"E402", "module level import not at top of file", "Imports come first, after the docstring and comments of the module: readers look for them there."},
	e501: {"E501", "line too long (%d > %d characters)", "Break the line inside brackets, or give a part of it a name."},
	e502: {"E502", "the backslash is redundant between brackets", "Between brackets a line goes on by itself."},
	e701: {"E701", "multiple statements on one line (colon)", "Put the body of a statement on lines of its own."},
	e702: {"E702", "multiple statements on one line (semicolon)", "One statement a line."},
	e703: {"E703", "statement ends with a semicolon", "The end of the line ends a statement: leave the semicolon out."},
	e704: {"E704", "multiple statements on one line (def)", "Put the body of a function on lines of its own."},
	e711: {"E711", "comparison to None should be %s", "There is one None: compare with is. An object may define == as it likes."},
	e712: {"E712", "comparison to %s should be %s", "Test the value itself, or use is when exactly True or False is meant."},
	e713: {"E713", "test for membership should be 'not in'", "x not in y reads as it means."},
	e714: {"E714", "test for object identity should be 'is not'", "x is not y reads as it means."},
	e721: {"E721", "do not compare types, use 'isinstance()'", "isinstance accepts subclasses too, which is what is meant nearly always."},
	e722: {"E722", "do not use bare 'except'", "A bare except also catches KeyboardInterrupt and SystemExit: name the exception, at least Exception."},
	e731: {"E731", "do not assign a lambda expression, use a def", "A def gives the function a name that appears in tracebacks."},
	e741: {"E741", "ambiguous variable name '%s'", "In many fonts l, O and I look like 1 and 0: take another name."},
	e742: {"E742", "ambiguous class definition '%s'", "In many fonts l, O and I look like 1 and 0: take another name."},
	e743: {"E743", "ambiguous function definition '%s'", "In many fonts l, O and I look like 1 and 0: take another name."},
	e901: {"E901", "%s: %s", "Python cannot read the file."},
	w191: {"W191", "indentation contains tabs", "Indent with spaces: tabs are as wide as each editor likes."},
	w291: {"W291", "trailing whitespace", "Spaces at the end of a line only make differences that nobody sees."},
	w292: {"W292", "no newline at end of file", "End the last line with a line end: tools that join files rely on it."},
	w293: {"W293", "blank line contains whitespace", "A blank line should have nothing on it."},
	w391: {"W391", "blank line at end of file", "End the file with its last line of code."},
	w503: {"W503", "line break before binary operator", "Opposite of W504: pick one, or neither."},
	w504: {"W504", "line break after binary operator", "Opposite of W503: pick one, or neither. PEP 8 prefers breaks before operators."},
	w505: {"W505", "doc line too long (%d > %d characters)", "Wrap long comments and docstrings."},
	w605: {"W605", `invalid escape sequence '\%s'`, "This backslash stands for itself, of which Python warns: double it or write r before the string."},
	w606: {"W606", "'async' and 'await' are reserved keywords starting with Python 3.7", "They cannot be names any more."},
}

// Rules are all rules, by id.
func Rules() []Rule { return append([]Rule(nil), table[:]...) }

// The functions that check rules, in the tool's order. A function of lines is called once
// a line, one of statements once a logical line; each may report several rules.
var (
	lineChecks = [...]func(*checker, physical){
		lineLength,
		indentCharacters,
		lastLine,
		trailingWhitespace,
	}
	statementChecks = [...]func(*checker, *logical){
		ambiguousNames,
		bareExcept,
		blankLines,
		breaksAroundOperators,
		comparisonNegative,
		comparisonToSingleton,
		comparisonType,
		compoundStatements,
		continuationLines,
		explicitLineJoin,
		spaceInsideBrackets,
		importsOnSeparateLines,
		indentation,
		docLength,
		separators,
		spaceAfterKeyword,
		operatorSpacing,
		importsOnTop,
		reservedNames,
		escapeSequences,
		spacesAroundKeywords,
		parameterEquals,
		spacesAroundOperators,
		comments,
		spaceBeforeBrackets,
	}
)
