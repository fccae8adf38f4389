package generate

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
)

var printTemplates = flag.Bool("templates", false, "print the templates for testdata/gen/chat.py")

// templates are of the kinds that are recognised, in the ways that they are written.
var templates = map[string]string{
	"chatml": ChatMLTemplate,
	"plain":  PlainTemplate,
	"system in a loop": `{% for m in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou help, always.<|im_end|>\n' }}{% endif %}` +
		`{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`,
	"system first": `{%- if messages[0]["role"] == "system" %}
    {{- "<|im_start|>system\n" + messages[0]["content"] + "<|im_end|>\n" }}
{%- else %}
    {{- "<|im_start|>system\nYou write code.\nNothing else.<|im_end|>\n" }}
{%- endif %}
{%- for m in messages %}
    {%- if not (loop.first and m.role == "system") %}
    {{- "<|im_start|>" + m.role + "\n" + m.content + "<|im_end|>" + "\n" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- "<|im_start|>assistant\n" }}
{%- endif %}`,
	"trimmed": `{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + (m['content'] | trim) + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`,
}

// TestChatTemplates: a conversation is written as Jinja writes it (testdata/gen/chat.py).
func TestChatTemplates(t *testing.T) {
	t.Parallel()
	if *printTemplates {
		if err := json.NewEncoder(os.Stdout).Encode(templates); err != nil {
			t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile("testdata/chat.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name, Template, Prompt string
		Messages               []Message
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if templates[c.Name] != c.Template {
			t.Errorf("%s: the golden file is of another template; make it again", c.Name)
		}
		seen[c.Name] = true
		f, err := ParseChatTemplate(c.Template)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if got := f.Prompt(c.Messages); got != c.Prompt {
			t.Errorf("%s: %+v\n got %q\nwant %q", c.Name, c.Messages, got, c.Prompt)
		}
		if len(f.Stops()) != 1 {
			t.Errorf("%s: stops %q", c.Name, f.Stops())
		}
	}
	if len(seen) != len(templates) {
		t.Errorf("the golden file knows %d of %d templates", len(seen), len(templates))
	}
}

func TestChatTemplateUnknown(t *testing.T) {
	t.Parallel()
	for template, says := range map[string]string{
		"": "has no chat template",
		"{{ bos_token }}{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}": "of a kind that is not supported",
		"{{ bos_token }}" + ChatMLTemplate:                                                 "with a token in front",
	} {
		if _, err := ParseChatTemplate(template); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: %v", template, err)
		}
	}
}
