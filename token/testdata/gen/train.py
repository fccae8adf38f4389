"""Writes ../train.json.gz: what Hugging Face's BpeTrainer makes of small corpora.

The corpora are random, so that many pairs are equally frequent, and full of runs, so
that pairs overlap.

    python train.py             # tokenizers 0.23
"""

import gzip
import json
import pathlib
import random

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

QWEN2 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""

ATOMS = [" ", "  ", "    ", "\n", "\n\n", "\t", "a", "b", "ab", "aa", "ba", "the", "self", "return", "x", "_", "__", "--", "==", "=", "(", "):", "'s", "1", "23", "é", "ж", "🙂", "\r\n", "#", "e\u0301", "\u0301"]


def docs(seed, n, words):
    rng = random.Random(seed)
    return ["".join(rng.choice(ATOMS[: rng.randint(4, len(ATOMS))]) for _ in range(rng.randint(1, words))) for _ in range(n)]


def case(name, texts, pattern, vocab, least, special):
    t = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern == "gpt2")
    t.pre_tokenizer = byte_level
    if pattern == "qwen2":
        t.normalizer = normalizers.NFC()
        t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN2), "isolated"), byte_level])
    t.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=vocab,
            min_frequency=least,
            special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    model = json.loads(t.to_str())["model"]
    print(name, len(model["vocab"]), "tokens,", len(model["merges"]), "merges")
    return {
        "name": name,
        "docs": texts,
        "pattern": pattern,
        "vocab_size": vocab,
        "min_frequency": least,
        "special": special,
        "vocab": sorted(model["vocab"], key=model["vocab"].get),
        "merges": model["merges"],
    }


def main():
    rng = random.Random(5)
    cases = [
        case("gpt2", docs(1, 60, 80), "gpt2", 500, 1, ["<|endoftext|>"]),
        case("qwen2", docs(2, 60, 80), "qwen2", 500, 1, ["<|endoftext|>", "<|pad|>"]),
        case("frequent", docs(3, 40, 60), "gpt2", 800, 5, []),
        case("all", docs(4, 12, 30), "gpt2", 5000, 0, ["<s>"]),
        case("overlaps", ["".join(rng.choice("ab") for _ in range(40)) for _ in range(150)], "gpt2", 900, 1, ["<|endoftext|>"]),
    ]
    data = json.dumps({"made_with": f"tokenizers {tokenizers.__version__}", "cases": cases}, ensure_ascii=False, separators=(",", ":"))
    path = pathlib.Path(__file__).parent.parent / "train.json.gz"
    path.write_bytes(gzip.compress(data.encode(), 9, mtime=0))
    print(path.stat().st_size, "bytes")


main()
