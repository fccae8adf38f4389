"""Prints what pycodestyle finds in the files named on standard input, one path a line.

For each file one line of JSON: the findings as [line, column, code, message], all rules on.
Needs python3-pycodestyle (compared with: 2.10.0).
"""
import json
import sys
import warnings

import pycodestyle

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
print(json.dumps(pycodestyle.__version__), flush=True)
for path in sys.stdin:
    path = path.rstrip("\n")
    try:
        guide.input_file(path)
        print(json.dumps(guide.options.report.found), flush=True)
    except Exception as e:  # the tool fails on some broken programs
        print(json.dumps(repr(e)), flush=True)
