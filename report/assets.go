package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// assets are the page's own style and scripts, and what ui/build.sh makes: the chart
// library and the fonts, whose licences lie beside them.
//
//go:embed page/*.css page/*.js ui/dist
var assets embed.FS

func asset(name string) string {
	b, err := assets.ReadFile(name)
	if err != nil {
		panic(err) // embedded: it is there or the package does not build
	}
	return string(b)
}

// chartLibrary is Apache ECharts, cut down to what charts.js uses.
var chartLibrary = "\n" + asset("ui/dist/echarts.min.js") + "\n"

// styleSheet is the page's style with its fonts.
var styleSheet = sync.OnceValue(func() string {
	var b strings.Builder
	for _, f := range []struct{ family, weight, file string }{
		{"Hone Sans", "100 900", "inter-latin-wght-normal.woff2"},
		{"Hone Mono", "400", "jetbrains-mono-latin-400-normal.woff2"},
	} {
		fmt.Fprintf(&b, "@font-face{font-family:%q;font-weight:%s;src:url(data:font/woff2;base64,%s) format(\"woff2\")}\n",
			f.family, f.weight, base64.StdEncoding.EncodeToString([]byte(asset("ui/dist/"+f.file))))
	}
	return b.String() + asset("page/page.css")
})

// pageScript is the page's script with the widgets of its author.
func pageScript(widgets map[string]string) string {
	var b strings.Builder
	b.WriteString("\n\"use strict\";\n(() => {\nconst widgets = {};\n")
	for _, name := range slices.Sorted(maps.Keys(widgets)) {
		quoted, _ := json.Marshal(name) // a string
		fmt.Fprintf(&b, "widgets[%s] = function (element, data) {\n%s\n};\n", quoted, inScript(widgets[name]))
	}
	for _, f := range []string{"unpack", "rows", "table", "pane", "chart", "start"} {
		b.WriteString(asset("page/" + f + ".js"))
	}
	b.WriteString("})();\n")
	return b.String()
}

// inScript keeps a script from ending its element: in JavaScript <\/script is the
// same string, and outside of strings and patterns neither occurs.
func inScript(s string) string { return scriptEnd.ReplaceAllString(s, `<\$1`) }

var scriptEnd = regexp.MustCompile(`(?i)<(/script|!--)`)

// policy is the content security policy: the two scripts by their hashes, inline style, embedded fonts and images,
// nothing from anywhere.
func policy(script string) string {
	hash := func(s string) string {
		h := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(h[:]) + "'"
	}
	return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; script-src " +
		hash(script) + " " + hash(chartLibrary)
}
