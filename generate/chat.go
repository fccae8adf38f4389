package generate

import (
	"errors"
	"regexp"
	"strings"
)

// ChatFormat is how one kind of model writes a conversation as text. A checkpoint
// describes its own in tokenizer_config.json, as a template in the language Jinja.
// That language is not interpreted here: a template is recognised by its marks.
type ChatFormat struct {
	begin, end string // around a message; begin is followed by the role and a line break
	system     string // message that goes in front of a conversation that has none, or ""
	trim       bool   // of white space around a message's text
	plain      bool   // PlainTemplate, which has neither begin nor end
}

const (
	// ChatMLTemplate is the template of a model that was trained on ChatML, the form
	// of Qwen and many others, without a message that goes in front of every conversation.
	ChatMLTemplate = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`
	// PlainTemplate is the template of a model that was trained on instructions in
	// plain text, which needs no special tokens but the end of text.
	PlainTemplate = `{% for message in messages %}{% if message['role'] == 'user' %}{{ '### Instruction:\n' + message['content'] + '\n\n' }}{% elif message['role'] == 'assistant' %}{{ '### Response:\n' + message['content'] + '\n\n' }}{% else %}{{ message['content'] + '\n\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '### Response:\n' }}{% endif %}`
)

// chatMLSystem finds the message that a ChatML template has in itself.
var chatMLSystem = regexp.MustCompile(`['"]<\|im_start\|>system(?:\\n|\n)([^'"{}<]+)<\|im_end\|>`)

// ParseChatTemplate recognises ChatML (Qwen2, Qwen2.5, SmolLM2, …) and
// PlainTemplate. A model without a template, or with another one, gives an error
// that says what to do.
func ParseChatTemplate(template string) (*ChatFormat, error) {
	switch {
	case strings.TrimSpace(template) == "":
		return nil, errors.New("this model has no chat template: it continues text, so ask it with a prompt instead of messages")
	case template == PlainTemplate:
		return &ChatFormat{plain: true}, nil
	case !strings.Contains(template, "<|im_start|>") || !strings.Contains(template, "<|im_end|>") || !strings.Contains(template, "add_generation_prompt"):
		return nil, errors.New("this model's chat template is of a kind that is not supported (ChatML and Hone's plain one are): ask it with a prompt instead of messages")
	case strings.Contains(template, "bos_token"):
		return nil, errors.New("this model's chat template is ChatML with a token in front, which is not supported: ask it with a prompt instead of messages")
	}
	f := &ChatFormat{begin: "<|im_start|>", end: "<|im_end|>\n", trim: strings.Contains(template, "| trim") || strings.Contains(template, "|trim")}
	if m := chatMLSystem.FindStringSubmatch(template); m != nil {
		f.system = strings.ReplaceAll(m[1], `\n`, "\n")
	}
	return f, nil
}

// Prompt is the conversation as text, up to where the assistant's next message begins.
func (f *ChatFormat) Prompt(ms []Message) string {
	var b strings.Builder
	if f.system != "" && (len(ms) == 0 || ms[0].Role != "system") {
		f.write(&b, Message{"system", f.system})
	}
	for _, m := range ms {
		f.write(&b, m)
	}
	if f.plain {
		return b.String() + "### Response:\n"
	}
	return b.String() + f.begin + "assistant\n"
}

func (f *ChatFormat) write(b *strings.Builder, m Message) {
	if f.trim {
		m.Content = strings.TrimSpace(m.Content)
	}
	if !f.plain {
		b.WriteString(f.begin + m.Role + "\n" + m.Content + f.end)
		return
	}
	switch m.Role {
	case "user":
		b.WriteString("### Instruction:\n")
	case "assistant":
		b.WriteString("### Response:\n")
	}
	b.WriteString(m.Content + "\n\n")
}

// Stops are the texts that end the assistant's message, besides the end of text.
func (f *ChatFormat) Stops() []string {
	if f.plain {
		return []string{"\n\n### Instruction:"}
	}
	return []string{strings.TrimSuffix(f.end, "\n")}
}
