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
	// Help says what is wrong with it, or what to do.
	Help string
}

// The rules. Codes: flake8's table of pyflakes's messages.
var (
	unusedImport = Rule{"F401", "UnusedImport", Pyflakes, "%s imported but unused", source.Low, "Nothing uses this import. Remove it, or list it in __all__ if others are to import it from here."}
	shadowed     = Rule{"F402", "ImportShadowedByLoopVar", Pyflakes, "import %s from line %d shadowed by loop variable", source.Medium, "The loop binds the name of an import, which is lost after it. Rename the loop variable."}
	starUsed     = Rule{"F403", "ImportStarUsed", Pyflakes, "'from %s import *' used; unable to detect undefined names", source.Low, "What the module defines is not known, and so neither are undefined names here. Import by name."}
	lateFuture   = Rule{"F404", "LateFutureImport", Pyflakes, "from __future__ imports must occur at the beginning of the file", source.High, "Python refuses a future import that comes after anything but the docstring and others of its kind."}
	starUsage    = Rule{"F405", "ImportStarUsage", Pyflakes, "%s may be undefined, or defined from star imports: %s", source.Low, "No statement here defines the name; a star import may. Import it by name."}
	starInside   = Rule{"F406", "ImportStarNotPermitted", Pyflakes, "'from %s import *' only allowed at module level", source.High, "Python allows a star import at the top of a module only."}
	noFuture     = Rule{"F407", "FutureFeatureNotDefined", Pyflakes, "future feature %s is not defined", source.High, "The module __future__ has no such feature, so that importing it is a syntax error."}

	percentInvalid   = Rule{"F501", "PercentFormatInvalidFormat", Pyflakes, "'...' %% ... has invalid format string: %s", source.High, "The format ends within a conversion, so that % raises ValueError. Write a percent sign as %%."}
	percentMapping   = Rule{"F502", "PercentFormatExpectedMapping", Pyflakes, "'...' %% ... expected mapping but got sequence", source.High, "The format has named placeholders and gets a sequence, so that % raises TypeError."}
	percentSequence  = Rule{"F503", "PercentFormatExpectedSequence", Pyflakes, "'...' %% ... expected sequence but got mapping", source.High, "The format has several placeholders without names and gets a dictionary, so that % raises TypeError."}
	percentExtra     = Rule{"F504", "PercentFormatExtraNamedArguments", Pyflakes, "'...' %% ... has unused named argument(s): %s", source.Low, "The format has no placeholder for these keys."}
	percentMissing   = Rule{"F505", "PercentFormatMissingArgument", Pyflakes, "'...' %% ... is missing argument(s) for placeholder(s): %s", source.High, "The dictionary has no value for these placeholders, so that % raises KeyError."}
	percentMixed     = Rule{"F506", "PercentFormatMixedPositionalAndNamed", Pyflakes, "'...' %% ... has mixed positional and named placeholders", source.High, "A format has placeholders with names or without, not both."}
	percentCount     = Rule{"F507", "PercentFormatPositionalCountMismatch", Pyflakes, "'...' %% ... has %d placeholder(s) but %d substitution(s)", source.High, "The format takes more or fewer values than it gets, so that % raises TypeError."}
	percentStar      = Rule{"F508", "PercentFormatStarRequiresSequence", Pyflakes, "'...' %% ... `*` specifier requires sequence", source.High, "A width or precision of * takes the next value, which a dictionary does not have."}
	percentCharacter = Rule{"F509", "PercentFormatUnsupportedFormatCharacter", Pyflakes, "'...' %% ... has unsupported format character %s", source.High, "% knows no conversion of this letter and raises ValueError."}

	formatInvalid    = Rule{"F521", "StringDotFormatInvalidFormat", Pyflakes, "'...'.format(...) has invalid format string: %s", source.High, "str.format cannot read the format and raises ValueError. Write a brace as {{ or }}."}
	formatExtraNamed = Rule{"F522", "StringDotFormatExtraNamedArguments", Pyflakes, "'...'.format(...) has unused named argument(s): %s", source.Low, "The format has no placeholder for these arguments."}
	formatExtra      = Rule{"F523", "StringDotFormatExtraPositionalArguments", Pyflakes, "'...'.format(...) has unused arguments at position(s): %s", source.Low, "The format has no placeholder for these arguments."}
	formatMissing    = Rule{"F524", "StringDotFormatMissingArgument", Pyflakes, "'...'.format(...) is missing argument(s) for placeholder(s): %s", source.High, "There are no arguments for these placeholders, so that format raises KeyError or IndexError."}
	formatMixed      = Rule{"F525", "StringDotFormatMixingAutomatic", Pyflakes, "'...'.format(...) mixes automatic and manual numbering", source.High, "A format counts its fields by itself, as {}, or has numbers, as {0}, not both."}
	noPlaceholders   = Rule{"F541", "FStringMissingPlaceholders", Pyflakes, "f-string is missing placeholders", source.Low, "Nothing is filled in: a plain string says the same. Perhaps braces are missing."}

	repeatedKey      = Rule{"F601", "MultiValueRepeatedKeyLiteral", Pyflakes, "dictionary key %s repeated with different values", source.Medium, "Of several values under one key only the last is kept."}
	repeatedVariable = Rule{"F602", "MultiValueRepeatedKeyVariable", Pyflakes, "dictionary key variable %s repeated with different values", source.Medium, "Of several values under one key only the last is kept."}
	starTooLate      = Rule{"F621", "TooManyExpressionsInStarredAssignment", Pyflakes, "too many expressions in star-unpacking assignment", source.High, "Python cannot unpack to more than 255 targets before a starred one."}
	twoStars         = Rule{"F622", "TwoStarredExpressions", Pyflakes, "two starred expressions in assignment", source.High, "Of the targets of an assignment one may be starred."}
	assertTuple      = Rule{"F631", "AssertTuple", Pyflakes, "assertion is always true, perhaps remove parentheses?", source.Medium, "A tuple that is not empty is true, so that this never fails. Remove the parentheses."}
	isLiteral        = Rule{"F632", "IsLiteral", Pyflakes, "use ==/!= to compare constant literals (str, bytes, int, float, tuple)", source.Medium, "Whether two equal values are the same object is up to the interpreter. Compare them with == or !=."}
	printShift       = Rule{"F633", "InvalidPrintSyntax", Pyflakes, "use of >> is invalid with print function", source.High, "In Python 3 print is a function and >> an operator. Write print(…, file=…)."}
	ifTuple          = Rule{"F634", "IfTuple", Pyflakes, "'if tuple literal' is always true, perhaps remove accidental comma?", source.Medium, "A tuple that is not empty is true. Remove the comma or the parentheses."}

	breakOutside    = Rule{"F701", "BreakOutsideLoop", Pyflakes, "'break' outside loop", source.High, "There is no loop to leave here."}
	continueOutside = Rule{"F702", "ContinueOutsideLoop", Pyflakes, "'continue' not properly in loop", source.High, "There is no loop to go on with here."}
	yieldOutside    = Rule{"F704", "YieldOutsideFunction", Pyflakes, "'yield' outside function", source.High, "yield and await belong in a function."}
	returnOutside   = Rule{"F706", "ReturnOutsideFunction", Pyflakes, "'return' outside function", source.High, "return belongs in a function."}
	exceptNotLast   = Rule{"F707", "DefaultExceptNotLast", Pyflakes, "default 'except:' must be last", source.High, "Handlers after a bare except are never tried; Python refuses them."}
	badAnnotation   = Rule{"F722", "ForwardAnnotationSyntaxError", Pyflakes, "syntax error in forward annotation %s", source.Medium, "A string in an annotation is read as an expression, and this is none."}
	badTypeComment  = Rule{"F723", "CommentAnnotationSyntaxError", Pyflakes, "syntax error in type comment %s", source.Medium, "A comment that begins with type: is read as an annotation, and this is none."}

	redefined       = Rule{"F811", "RedefinedWhileUnused", Pyflakes, "redefinition of unused %s from line %d", source.Medium, "The first definition is lost before anything uses it. Rename one of the two, or remove it."}
	undefinedName   = Rule{"F821", "UndefinedName", Pyflakes, "undefined name %s", source.High, "Nothing defines the name, so that reading it raises NameError."}
	undefinedExport = Rule{"F822", "UndefinedExport", Pyflakes, "undefined name %s in __all__", source.Medium, "A star import of this module raises AttributeError for names in __all__ that it does not have."}
	undefinedLocal  = Rule{"F823", "UndefinedLocal", Pyflakes, "local variable %s %s referenced before assignment", source.High, "The function assigns the name somewhere, so that it is local everywhere in it and has no value yet here."}
	duplicateArg    = Rule{"F831", "DuplicateArgument", Pyflakes, "duplicate argument %s in function definition", source.High, "Python refuses a function with two parameters of one name."}
	unusedVariable  = Rule{"F841", "UnusedVariable", Pyflakes, "local variable %s is assigned to but never used", source.Low, "Nothing reads the variable. Perhaps another name was meant; otherwise remove it."}
	raiseNotError   = Rule{"F901", "RaiseNotImplemented", Pyflakes, "'raise NotImplemented' should be 'raise NotImplementedError'", source.High, "NotImplemented is a value for comparisons and arithmetic; raising it is a TypeError."}

	mutableDefault = Rule{"B006", "MutableArgumentDefault", Bugbear, "Do not use mutable data structures for argument defaults.  They are created during function definition time. All calls to the function reuse this one instance of that data structure, persisting changes between them.", source.Medium, "The default is made once and shared by all calls. Use None and make the value in the function."}
	callInDefault  = Rule{"B008", "FunctionCallInArgumentDefault", Bugbear, "Do not perform function calls in argument defaults.  The call is performed only once at function definition time. All calls to your function will reuse the result of that definition-time function call.  If this is intended, assign the function call to a module-level variable and use that variable as a default value.", source.Medium, "The default is computed once, when the function is defined. Use None and compute it in the function."}
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
