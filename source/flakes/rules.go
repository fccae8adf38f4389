package flakes

import "hone/source"

// Rule is one thing that is looked for.
type Rule struct {
	// Code is flake8's: F401, B006.
	Code string
	// Name is the tool's own: pyflakes's class of messages, bugbear's title.
	Name string
	Tool string
	// Message is worded as the tool words it, with %s for what varies.
	Message string
	// Severity is Hone's: High where the program cannot run as written, Medium
	// where it most likely does not mean what it says, Low for what is needless.
	Severity source.Severity
}

// The rules. Codes: flake8's table of pyflakes's messages.
var (
	unusedImport = Rule{"F401", "UnusedImport", Pyflakes, "%s imported but unused", source.Low}
	shadowed     = Rule{"F402", "ImportShadowedByLoopVar", Pyflakes, "import %s from line %d shadowed by loop variable", source.Medium}
	starUsed     = Rule{"F403", "ImportStarUsed", Pyflakes, "'from %s import *' used; unable to detect undefined names", source.Low}
	lateFuture   = Rule{"F404", "LateFutureImport", Pyflakes, "from __future__ imports must occur at the beginning of the file", source.High}
	starUsage    = Rule{"F405", "ImportStarUsage", Pyflakes, "%s may be undefined, or defined from star imports: %s", source.Low}
	starInside   = Rule{"F406", "ImportStarNotPermitted", Pyflakes, "'from %s import *' only allowed at module level", source.High}
	noFuture     = Rule{"F407", "FutureFeatureNotDefined", Pyflakes, "future feature %s is not defined", source.High}

	percentInvalid   = Rule{"F501", "PercentFormatInvalidFormat", Pyflakes, "'...' %% ... has invalid format string: %s", source.High}
	percentMapping   = Rule{"F502", "PercentFormatExpectedMapping", Pyflakes, "'...' %% ... expected mapping but got sequence", source.High}
	percentSequence  = Rule{"F503", "PercentFormatExpectedSequence", Pyflakes, "'...' %% ... expected sequence but got mapping", source.High}
	percentExtra     = Rule{"F504", "PercentFormatExtraNamedArguments", Pyflakes, "'...' %% ... has unused named argument(s): %s", source.Low}
	percentMissing   = Rule{"F505", "PercentFormatMissingArgument", Pyflakes, "'...' %% ... is missing argument(s) for placeholder(s): %s", source.High}
	percentMixed     = Rule{"F506", "PercentFormatMixedPositionalAndNamed", Pyflakes, "'...' %% ... has mixed positional and named placeholders", source.High}
	percentCount     = Rule{"F507", "PercentFormatPositionalCountMismatch", Pyflakes, "'...' %% ... has %d placeholder(s) but %d substitution(s)", source.High}
	percentStar      = Rule{"F508", "PercentFormatStarRequiresSequence", Pyflakes, "'...' %% ... `*` specifier requires sequence", source.High}
	percentCharacter = Rule{"F509", "PercentFormatUnsupportedFormatCharacter", Pyflakes, "'...' %% ... has unsupported format character %s", source.High}

	formatInvalid    = Rule{"F521", "StringDotFormatInvalidFormat", Pyflakes, "'...'.format(...) has invalid format string: %s", source.High}
	formatExtraNamed = Rule{"F522", "StringDotFormatExtraNamedArguments", Pyflakes, "'...'.format(...) has unused named argument(s): %s", source.Low}
	formatExtra      = Rule{"F523", "StringDotFormatExtraPositionalArguments", Pyflakes, "'...'.format(...) has unused arguments at position(s): %s", source.Low}
	formatMissing    = Rule{"F524", "StringDotFormatMissingArgument", Pyflakes, "'...'.format(...) is missing argument(s) for placeholder(s): %s", source.High}
	formatMixed      = Rule{"F525", "StringDotFormatMixingAutomatic", Pyflakes, "'...'.format(...) mixes automatic and manual numbering", source.High}
	noPlaceholders   = Rule{"F541", "FStringMissingPlaceholders", Pyflakes, "f-string is missing placeholders", source.Low}

	repeatedKey      = Rule{"F601", "MultiValueRepeatedKeyLiteral", Pyflakes, "dictionary key %s repeated with different values", source.Medium}
	repeatedVariable = Rule{"F602", "MultiValueRepeatedKeyVariable", Pyflakes, "dictionary key variable %s repeated with different values", source.Medium}
	starTooLate      = Rule{"F621", "TooManyExpressionsInStarredAssignment", Pyflakes, "too many expressions in star-unpacking assignment", source.High}
	twoStars         = Rule{"F622", "TwoStarredExpressions", Pyflakes, "two starred expressions in assignment", source.High}
	assertTuple      = Rule{"F631", "AssertTuple", Pyflakes, "assertion is always true, perhaps remove parentheses?", source.Medium}
	isLiteral        = Rule{"F632", "IsLiteral", Pyflakes, "use ==/!= to compare constant literals (str, bytes, int, float, tuple)", source.Medium}
	printShift       = Rule{"F633", "InvalidPrintSyntax", Pyflakes, "use of >> is invalid with print function", source.High}
	ifTuple          = Rule{"F634", "IfTuple", Pyflakes, "'if tuple literal' is always true, perhaps remove accidental comma?", source.Medium}

	breakOutside    = Rule{"F701", "BreakOutsideLoop", Pyflakes, "'break' outside loop", source.High}
	continueOutside = Rule{"F702", "ContinueOutsideLoop", Pyflakes, "'continue' not properly in loop", source.High}
	yieldOutside    = Rule{"F704", "YieldOutsideFunction", Pyflakes, "'yield' outside function", source.High}
	returnOutside   = Rule{"F706", "ReturnOutsideFunction", Pyflakes, "'return' outside function", source.High}
	exceptNotLast   = Rule{"F707", "DefaultExceptNotLast", Pyflakes, "default 'except:' must be last", source.High}
	badAnnotation   = Rule{"F722", "ForwardAnnotationSyntaxError", Pyflakes, "syntax error in forward annotation %s", source.Medium}
	badTypeComment  = Rule{"F723", "CommentAnnotationSyntaxError", Pyflakes, "syntax error in type comment %s", source.Medium}

	redefined       = Rule{"F811", "RedefinedWhileUnused", Pyflakes, "redefinition of unused %s from line %d", source.Medium}
	undefinedName   = Rule{"F821", "UndefinedName", Pyflakes, "undefined name %s", source.High}
	undefinedExport = Rule{"F822", "UndefinedExport", Pyflakes, "undefined name %s in __all__", source.Medium}
	undefinedLocal  = Rule{"F823", "UndefinedLocal", Pyflakes, "local variable %s %s referenced before assignment", source.High}
	duplicateArg    = Rule{"F831", "DuplicateArgument", Pyflakes, "duplicate argument %s in function definition", source.High}
	unusedVariable  = Rule{"F841", "UnusedVariable", Pyflakes, "local variable %s is assigned to but never used", source.Low}
	raiseNotError   = Rule{"F901", "RaiseNotImplemented", Pyflakes, "'raise NotImplemented' should be 'raise NotImplementedError'", source.High}

	mutableDefault = Rule{"B006", "MutableArgumentDefault", Bugbear, "Do not use mutable data structures for argument defaults.  They are created during function definition time. All calls to the function reuse this one instance of that data structure, persisting changes between them.", source.Medium}
	callInDefault  = Rule{"B008", "FunctionCallInArgumentDefault", Bugbear, "Do not perform function calls in argument defaults.  The call is performed only once at function definition time. All calls to your function will reuse the result of that definition-time function call.  If this is intended, assign the function call to a module-level variable and use that variable as a default value.", source.Medium}
)

// Rules are all rules in the order of their codes.
func Rules() []Rule {
	return []Rule{
		mutableDefault, callInDefault,
		unusedImport, shadowed, starUsed, lateFuture, starUsage, starInside, noFuture,
		percentInvalid, percentMapping, percentSequence, percentExtra, percentMissing,
		percentMixed, percentCount, percentStar, percentCharacter,
		formatInvalid, formatExtraNamed, formatExtra, formatMissing, formatMixed, noPlaceholders,
		repeatedKey, repeatedVariable, starTooLate, twoStars, assertTuple, isLiteral, printShift, ifTuple,
		breakOutside, continueOutside, yieldOutside, returnOutside, exceptNotLast, badAnnotation, badTypeComment,
		redefined, undefinedName, undefinedExport, undefinedLocal, duplicateArg, unusedVariable, raiseNotError,
	}
}
