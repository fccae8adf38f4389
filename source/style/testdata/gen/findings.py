"""What pycodestyle says about programs, with all rules on.

Reads paths, one a line, and writes for each a line of JSON: the findings as
[line, column, code, message], or the error with which the tool ends on a broken program.
Needs the Debian package python3-pycodestyle, of the version given as the argument.
"""
import json
import sys
import warnings

import pycodestyle

if pycodestyle.__version__ != sys.argv[1]:
    sys.exit("pycodestyle here is %s, the rules are those of %s" % (pycodestyle.__version__, sys.argv[1]))
warnings.simplefilter("ignore")


class Report(pycodestyle.BaseReport):
    def init_file(self, filename, lines, expected, line_offset):
        self.found = []
        return super().init_file(filename, lines, expected, line_offset)

    def error(self, line_number, offset, text, check):
        if super().error(line_number, offset, text, check):
            self.found.append([line_number, offset, text[:4], text[5:]])


guide = pycodestyle.StyleGuide(reporter=Report)
guide.options.ignore = ("E999",)  # none, not even the default ones
guide.options.physical_checks = guide.get_checks("physical_line")
guide.options.logical_checks = guide.get_checks("logical_line")
for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        guide.input_file(path)
        answer = {"path": path, "findings": guide.options.report.found}
    except Exception as error:
        answer = {"path": path, "error": type(error).__name__ + ": " + str(error)}
    print(json.dumps(answer))
