package security

import "hone/source/python"

// djangoExtra looks for parts of a query that are not in the text.
func djangoExtra(c call) *match {
	if c.name != "extra" {
		return nil
	}
	given := map[string]python.Expr{}
	for _, k := range c.Keywords {
		given[k.Arg] = k.Value
	}
	for i, name := range []string{"select", "where", "params", "tables"} {
		if i < len(c.Args) {
			given[name] = c.Args[i]
		}
	}
	for _, name := range []string{"where", "tables"} {
		if e, ok := given[name]; ok {
			if l, ok := e.(*python.List); !ok || !allStr(l.Elts) {
				return c.function()
			}
		}
	}
	if e, ok := given["select"]; ok {
		if d, ok := e.(*python.Dict); !ok || !allStr(d.Keys) || !allStr(d.Values) {
			return c.function()
		}
	}
	return nil
}

func allStr(list []python.Expr) bool {
	for _, e := range list {
		if !isStr(e) {
			return false
		}
	}
	return true
}

func djangoRawSQL(c call) *match {
	if c.name != "RawSQL" || c.first() == nil || isStr(c.first()) || !c.w.importsLike("django.db.models") {
		return nil
	}
	return &match{span: c.first().Pos(), reported: c.Span}
}

// jinjaAutoescape looks for environments of templates that do not escape, by
// default or on demand. The argument may be anywhere in the call.
func jinjaAutoescape(c call) *match {
	if c.name != "Environment" || !c.hasPart("jinja2") {
		return nil
	}
	k := firstKeyword(c.Call, "autoescape")
	if k == nil {
		m := c.function()
		m.message = "By default, jinja2 sets autoescape to False. Consider using autoescape=True or use the select_autoescape function to mitigate XSS vulnerabilities."
		return m
	}
	m := &match{span: k.Span, reported: c.Span}
	switch e := k.Value.(type) {
	case *python.Constant:
		switch e.Kind {
		case python.TrueConstant:
			return nil
		case python.FalseConstant:
			return m
		}
	case *python.Call:
		if f, ok := e.Func.(*python.Name); ok && f.ID == "select_autoescape" {
			return nil
		}
	}
	m.confidence = medium
	m.message = "Using jinja2 templates with autoescape=False is dangerous and can lead to XSS. Ensure autoescape=True or use the select_autoescape function to mitigate XSS vulnerabilities."
	return m
}

// firstKeyword is the first argument of this name in the call and the calls in
// it, the outermost first.
func firstKeyword(c *python.Call, name string) *python.Keyword {
	for queue := []python.Node{c}; len(queue) > 0; queue = queue[1:] {
		if k, ok := queue[0].(*python.Keyword); ok && k.Arg == name {
			return k
		}
		python.Children(queue[0], func(n python.Node) { queue = append(queue, n) })
	}
	return nil
}

func makoTemplate(c call) *match {
	if c.name == "Template" && c.hasPart("mako") {
		return c.function()
	}
	return nil
}
