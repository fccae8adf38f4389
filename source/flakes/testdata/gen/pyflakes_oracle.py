"""What pyflakes 2.5.0 says about programs.

Reads paths, one a line, and writes for each a line of JSON: the findings as
[line, column in bytes, code of flake8, message], or the error that kept it from
reading the program. Needs the Debian package python3-pyflakes (2.5.0).
"""

import ast
import json
import sys
import warnings

from pyflakes import checker

# The codes that flake8 gives to pyflakes's messages.
CODES = {
    "UnusedImport": "F401", "ImportShadowedByLoopVar": "F402", "ImportStarUsed": "F403",
    "LateFutureImport": "F404", "ImportStarUsage": "F405", "ImportStarNotPermitted": "F406",
    "FutureFeatureNotDefined": "F407", "PercentFormatInvalidFormat": "F501",
    "PercentFormatExpectedMapping": "F502", "PercentFormatExpectedSequence": "F503",
    "PercentFormatExtraNamedArguments": "F504", "PercentFormatMissingArgument": "F505",
    "PercentFormatMixedPositionalAndNamed": "F506", "PercentFormatPositionalCountMismatch": "F507",
    "PercentFormatStarRequiresSequence": "F508", "PercentFormatUnsupportedFormatCharacter": "F509",
    "StringDotFormatInvalidFormat": "F521", "StringDotFormatExtraNamedArguments": "F522",
    "StringDotFormatExtraPositionalArguments": "F523", "StringDotFormatMissingArgument": "F524",
    "StringDotFormatMixingAutomatic": "F525", "FStringMissingPlaceholders": "F541",
    "MultiValueRepeatedKeyLiteral": "F601", "MultiValueRepeatedKeyVariable": "F602",
    "TooManyExpressionsInStarredAssignment": "F621", "TwoStarredExpressions": "F622",
    "AssertTuple": "F631", "IsLiteral": "F632", "InvalidPrintSyntax": "F633", "IfTuple": "F634",
    "BreakOutsideLoop": "F701", "ContinueOutsideLoop": "F702", "ContinueInFinally": "F703",
    "YieldOutsideFunction": "F704", "ReturnOutsideFunction": "F706", "DefaultExceptNotLast": "F707",
    "DoctestSyntaxError": "F721", "ForwardAnnotationSyntaxError": "F722",
    "CommentAnnotationSyntaxError": "F723", "RedefinedWhileUnused": "F811", "UndefinedName": "F821",
    "UndefinedExport": "F822", "UndefinedLocal": "F823", "DuplicateArgument": "F831",
    "UnusedVariable": "F841", "RaiseNotImplemented": "F901",
}


def check(path):
    with open(path, "rb") as f:
        text = f.read()
    tree = ast.parse(text, filename=path)
    found = checker.Checker(tree, filename=path, file_tokens=checker.make_tokens(text)).messages
    return sorted({
        (m.lineno, m.col, CODES[type(m).__name__], m.message % m.message_args) for m in found
    })


warnings.simplefilter("ignore")
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        answer = {"path": path, "findings": check(path)}
    except Exception as error:  # a program that it cannot read, or a fault of its own
        answer = {"path": path, "error": type(error).__name__ + ": " + str(error)}
    print(json.dumps(answer))
