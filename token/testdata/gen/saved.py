"""Writes ../saved.json: that transformers and tokenizers load what Save wrote, and what they make of it.

    go test ./token -run TestSaved -saved DIR      # writes a tokenizer into each folder of DIR
    python saved.py DIR                            # transformers 5.24, tokenizers 0.23

The folders are also loaded beside the config.json of a model. Beside one of Qwen2,
transformers 5 does not do what tokenizer.json says: it takes its own Qwen2Tokenizer, which
only fits tokenizers of that pattern.
"""

import hashlib
import json
import pathlib
import sys
import tempfile

import tokenizers
import transformers
from transformers import AutoTokenizer

TEXTS = [
    "def f(x):\n    return x + 1\n",
    "  I'm naïve, cafe\u0301 🙂 12345\r\n\t<|endoftext|>x <mask> y",
    "    if a == b:\n        pass\n\n\n",
    "你好 x\u00a0y <|pad|><s>",
]
MODELS = [None, "gpt2", "llama", "roberta", "qwen2"]
ROLES = ["bos", "eos", "pad", "unk", "mask", "cls", "sep"]


def main():
    out = {}
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        results, names = [], ("tokenizer.json", "tokenizer_config.json")
        for model in MODELS[: None if folder.name.endswith("qwen2") else -1]:
            with tempfile.TemporaryDirectory() as tmp:
                dir = pathlib.Path(tmp)
                for name in names:
                    (dir / name).write_bytes((folder / name).read_bytes())
                if model:
                    (dir / "config.json").write_text(json.dumps({"model_type": model}))
                auto = AutoTokenizer.from_pretrained(dir)
                plain = tokenizers.Tokenizer.from_file(str(dir / "tokenizer.json"))
                ids = [auto(s)["input_ids"] for s in TEXTS]
                assert ids == [plain.encode(s).ids for s in TEXTS], (folder.name, model)
                # Roles without a token have none there either.
                roles = {role: i for role in ROLES if (i := getattr(auto, role + "_token_id")) is not None}
                results.append({"ids": ids, "roles": roles, "decoded": [auto.decode(i) for i in ids], "size": len(auto)})
        assert all(r == results[0] for r in results), (folder.name, results)
        digests = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names}
        out[folder.name] = {"sha256": digests} | results[0]
    made = f"transformers {transformers.__version__}, tokenizers {tokenizers.__version__}"
    path = pathlib.Path(__file__).parent.parent / "saved.json"
    path.write_text(json.dumps({"made_with": made, "texts": TEXTS, "folders": out}, ensure_ascii=False, indent=1) + "\n")
    print(made, sorted(out))


main()
