"""Renders conversations with Jinja, as transformers does, for chat_test.go.

    ~/.cache/hone/peers/bin/python chat.py < templates.json > ../chat.json

templates.json is a map from a name to a template; chat_test.go has it made by
`go test -run ChatTemplates -templates`.
"""
import json
import sys

from jinja2.sandbox import ImmutableSandboxedEnvironment

env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
conversations = [
    [{"role": "user", "content": "Add two numbers."}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi <b>&\n"}],
    [{"role": "user", "content": " a "}, {"role": "assistant", "content": "b\n\nc"}, {"role": "user", "content": "日本"}],
]
out = []
for name, template in json.load(sys.stdin).items():
    for messages in conversations:
        prompt = env.from_string(template).render(messages=messages, add_generation_prompt=True)
        out.append({"name": name, "template": template, "messages": messages, "prompt": prompt})
json.dump(out, sys.stdout, indent=1, ensure_ascii=False)
print()
