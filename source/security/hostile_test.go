package security

import (
	"strings"
	"testing"

	"hone/source/python"
)

// TestHostile: programs made to take for ever do not. Each would, if something
// grew with the square of its length or faster.
func TestHostile(t *testing.T) {
	const n = 8_000
	for name, text := range map[string]string{
		"strings in a chain":    "x = " + strings.Repeat("'select a from b ' + ", 2900) + "y\n",
		"attributes in a chain": strings.Repeat("eval"+strings.Repeat(".a", 2000)+"().run(debug=True)\n", 20) + "eval(x)\n",
		"calls in calls":        "import jinja2\n" + strings.Repeat("jinja2.Environment(", 150) + strings.Repeat(")", 150) + "\n",
		"assignments":           "from django.utils.safestring import mark_safe\n" + strings.Repeat("x = 'a'\n", 2000) + strings.Repeat("mark_safe(x)\n", 500) + "mark_safe(y)\n",
		"one from another":      "from django.utils.safestring import mark_safe\na = 'a'\n" + strings.Repeat("a = '{}{}'.format(a, a)\n", 60) + "mark_safe(z)\nmark_safe(a)\n",
		"imports":               strings.Repeat("import pickle, a, b, c\n", n),
		"lines to skip":         strings.Repeat("eval(x)  # nosec\n", n) + "eval(x)\n",
		"passwords":             strings.Repeat("password = 'pass_pass_pass_'\n", n),
		"select without from":   "x = '" + strings.Repeat("select ", n) + "' + y\nassert x\n",
		"handlers":              "try: pass\n" + strings.Repeat("except: pass\n", n),
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := python.ParseTolerant([]byte(text))
			if found := Check(m); len(found) == 0 {
				t.Errorf("nothing found in %.60s…", text)
			}
		})
	}
}
