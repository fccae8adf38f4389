package problem

// Assemble makes the whole program of a sample's text: a completion behind the prefix, a
// solution as it is, a response's code (see [Extract]), behind the prefix too where only
// that defines the entry point, because the answer was the body alone. How is
// "completion", "solution" or what Extract says.
func (p *Problem) Assemble(form Form, text string) Located {
	switch form {
	case FormCompletion:
		return behind(p.Prefix, Located{text, "completion", whole(text).pieces})
	case FormResponse:
		l := Locate(text, p.EntryPoint)
		if p.EntryPoint != "" && !Defines(l.Code, p.EntryPoint) && Defines(p.Prefix, p.EntryPoint) {
			return behind(p.Prefix, l)
		}
		return l
	}
	return Located{text, "solution", whole(text).pieces}
}

// behind puts a prefix that is not in the text before a program.
func behind(prefix string, l Located) Located {
	l.Code = prefix + l.Code
	for i := range l.Pieces {
		l.Pieces[i].Code += len(prefix)
	}
	return l
}
