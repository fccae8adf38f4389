"""Writes ../golden.json.gz: what Hugging Face's tokenizers makes of nasty strings.

One small vocabulary, trained here, serves every kind of tokenizer; a kind is what
surrounds the model in tokenizer.json, with the pattern strings that models publish.
Offsets are characters and not trimmed (trim_offsets: false).

    python golden.py            # tokenizers 0.23
"""

import gzip
import json
import pathlib
import random
import sysconfig
import unicodedata

import tokenizers
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

GPT2 = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
QWEN2 = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
O200K = "|".join(
    [
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""\p{N}{1,3}""",
        r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
        r"""\s*[\r\n]+""",
        r"""\s+(?!\S)""",
        r"""\s+""",
    ]
)

SPECIAL = ["<|endoftext|>", "<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def train():
    lib = pathlib.Path(sysconfig.get_paths()["stdlib"])
    docs = [(lib / name).read_text() for name in ("textwrap.py", "json/decoder.py", "shlex.py")]
    docs.append("naïve café déjà-vu Größe привет мир 你好，世界 こんにちは 🙂🙂 e\u0301 I'm you're we'll 12345 3.14\r\n\t\tx" * 20)
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(
        docs,
        trainers.BpeTrainer(
            vocab_size=900,
            special_tokens=SPECIAL,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    return json.loads(t.to_str())["model"]


def byte_level(prefix=False, regex=True):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": False, "use_regex": regex}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def sequence(*parts):
    return {"type": "Sequence", "pretokenizers": list(parts)}


def added(id, content, special=False, **flags):
    a = {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False}
    return a | {"normalized": not special, "special": special} | flags


def roberta(prefix):
    return {
        "added_tokens": [added(i, s, True, lstrip=s == "<mask>") for i, s in enumerate(SPECIAL) if i],
        "pre_tokenizer": byte_level(prefix),
        "post_processor": {
            "type": "RobertaProcessing",
            "sep": ["</s>", 3],
            "cls": ["<s>", 1],
            "trim_offsets": False,
            "add_prefix_space": prefix,
        },
    }


def kinds(model):
    n = len(model["vocab"])
    end = added(0, "<|endoftext|>", True)
    zoo = [
        end,
        added(n, "<left>", lstrip=True, normalized=False),
        added(n + 1, "<right>", rstrip=True, normalized=False),
        added(n + 2, "<both>", True, lstrip=True, rstrip=True),
        added(model["vocab"]["word"], "word", single_word=True, normalized=False),
        added(n + 3, "<a", normalized=False),
        added(n + 4, "<abc>", normalized=False),
        added(n + 5, "two words\n"),
        added(n + 6, "ча\u0438\u0306"),
        added(n + 7, "ж", single_word=True),
    ]
    blank = [end, added(n, "  ", normalized=False), added(n + 1, "\n\n\n"), added(n + 2, "<left>", lstrip=True)]
    small = {k: v for k, v in model["vocab"].items() if not set(k) & set("éÃĠąz\u0120\u0122ð")}
    small = {k: i for i, k in enumerate(sorted(small, key=small.get))}
    merges = [m for m in model["merges"] if m[0] in small and m[1] in small and m[0] + m[1] in small]
    lossy = {"vocab": small, "merges": merges, "unk_token": "<unk>"}
    return {
        "gpt2": {"added_tokens": [end], "pre_tokenizer": byte_level(), "post_processor": byte_level()},
        "gpt2-prefix": {"added_tokens": [end], "pre_tokenizer": byte_level(True)},
        "roberta": roberta(False),
        "roberta-prefix": roberta(True),
        "qwen2": {
            "added_tokens": [end]
            + [added(n + i, s, True) for i, s in enumerate(["<|im_start|>", "<|im_end|>"])]
            + [added(n + 2, "<tool_call>", normalized=False)],
            "normalizer": {"type": "NFC"},
            "pre_tokenizer": sequence(split(QWEN2), byte_level(regex=False)),
            "post_processor": byte_level(regex=False),
        },
        "llama3": {
            "added_tokens": [added(n, "<|begin_of_text|>", True)],
            "pre_tokenizer": sequence(split(LLAMA3), byte_level(regex=False)),
            "post_processor": {
                "type": "Sequence",
                "processors": [
                    byte_level(),
                    {
                        "type": "TemplateProcessing",
                        "single": [
                            {"SpecialToken": {"id": "<|begin_of_text|>", "type_id": 0}},
                            {"Sequence": {"id": "A", "type_id": 0}},
                        ],
                        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                        "special_tokens": {
                            "<|begin_of_text|>": {"id": "<|begin_of_text|>", "ids": [n], "tokens": ["<|begin_of_text|>"]}
                        },
                    },
                ],
            },
            "model": {"ignore_merges": True, "merges": model["merges"][: len(model["merges"]) // 2]},
        },
        "starcoder2": {
            "added_tokens": [end],
            "pre_tokenizer": sequence({"type": "Digits", "individual_digits": True}, byte_level()),
        },
        "digits": {"pre_tokenizer": sequence({"type": "Digits", "individual_digits": False}, byte_level(True))},
        "deepseek": {
            "pre_tokenizer": sequence(
                split("[\r\n]"),
                split(r"\s?\p{L}+"),
                split(r"\s?\p{P}+"),
                split("[一-龥ࠀ-一가-퟿]+"),
                {"type": "Digits", "individual_digits": True},
                byte_level(regex=False),
            )
        },
        "o200k": {"pre_tokenizer": sequence(split(O200K), byte_level(regex=False))},
        "removed": {"pre_tokenizer": sequence(split(QWEN2, "Removed", True), byte_level(regex=False))},
        "previous": {"pre_tokenizer": sequence(split(r"\s+|,", "MergedWithPrevious"), byte_level(regex=False))},
        "next": {"pre_tokenizer": sequence(split(r"\d|_|\s", "MergedWithNext"), byte_level(regex=False))},
        "contiguous": {"pre_tokenizer": sequence(split(r"\S", "Contiguous"), byte_level())},
        "literal": {"pre_tokenizer": sequence(split("==", "MergedWithPrevious", True, "String"), byte_level())},
        "zoo": {
            "added_tokens": zoo,
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}]},
            "pre_tokenizer": byte_level(),
        },
        "blank": {"added_tokens": blank, "pre_tokenizer": byte_level()},
        "zoo-prefix": {"added_tokens": zoo, "pre_tokenizer": byte_level(True)},
        "unk": {"pre_tokenizer": byte_level(), "model": lossy | {"fuse_unk": False}},
        "unk-fused": {"pre_tokenizer": byte_level(), "model": lossy | {"fuse_unk": True}},
    }


HAND = [
    "", " ", "  ", "   ", "\n", "\r\n", "\r", "\t", "\n\n\n", " \n", "\n ", " \n \n  ", "\t\tx", "x  ", "x \n", "x\r\n\r\ny",
    "a", "é", "e\u0301", "e\u0301e\u0301 cafe\u0301 café", "\u0301", " \u0301a", "A\u030a\u0327", "\u1e9b\u0323", "한글 \u1112\u1161\u11ab",
    "Hello world", " Hello  world ", "I'm you're WE'LL don't 'S it'ſ 'tis 'Tis x've ' s '' ''s 'll 'l 're'd", "'s", "'", "'x", " 's", "_'s",
    "123", " 123", "1234567", "3.14e-10", "x1y22z333", "٣٤٥ ½ Ⅷ 五 ²", "0x1F",
    "def f(x):\n    return x+1\n", "if a == b:\n\tpass\r\n", "    x\n        y\n", "for i in range(10):\n\n\n    print(i)  # hi\n\n",
    "🙂", "🙂🙂", "👩‍👩‍👧‍👦 family", "🇩🇪", "a🙂b", "\U0001f3fb", "😀 x", "\u200b", "\u200d", "\ufeffx", "\u00a0x", "x\u00a0y", "\u3000字", "\u2028\u2029", "\x85x", "\u180ex", "\x1cx",
    "你好，世界！", "日本語のテキスト", "привет, мир!", "مرحبا بالعالم", "नमस्ते दुनिया", "ไทย", "ǅ ʰ ª", "İstanbul ıI ſs ß ẞ", "\u0345", "Ⓐ", "ᾳ",
    "\x00", "\x00\x01\x7f", "\ue000\uf8ff", "\uffff\ufffd\ufffe", "\U0010ffff", "\U000e0001",
    "!!!", "...", " ...", "!a", " !a", "!\n\n", "!?\r\n x", "(){}[]", "a_b_c", "__init__", "a-b", "-->", "//\n//", "#!/usr/bin/env\n",
    "<|endoftext|>", "a<|endoftext|>b", " <|endoftext|> ", "<|endoftext|><|endoftext|>", "<|endoftext", "<|endoftext|>\n", "x <mask> y", "x  <mask>  y", "<mask>", "\n<mask>\n", "<mask><mask>", "<s>a</s>", "<unk>", "<pad> <pad>",
    "<|im_start|>user\nhi<|im_end|>\n", "<tool_call> {} </tool_call>", "<|begin_of_text|>x",
    "x <left> y <right> z <both> w", "  <left><right>  <both>  ", "<right> <left>", "<right>   <both>", "<both> <both>", "word", "words", " word ", "sword word", "word.word", "word_word", "éword", "wordé word\u0301", "<abc>", "<ab", "<a<abc>", "<a bc>", "two words\n", "two words", "x two words\ny", "ча\u0438\u0306", "чай", "чайс", "ж ж", "жа ж.", "cafés été", "a  b", "a   b", "a    b", "\n\n\n\n x", "<right>\n\n\n x",
    "a==b == c==", "====", "x,y, z ,", "a_1_2", "_ _", "CamelCaseWords HTTPServer's iOS", "don'T STOP'S", "a/b//\n/", "/*\r\n*/",
    "a" * 300, " " * 200 + "x", "ab" * 150, "\n" * 120, "0" * 130, "=" * 100, "é" * 90, "🙂" * 60, "Zz" * 70 + " z", "x" * 81, "x" * 80, "x" * 64, "x" * 65,
]


def texts():
    rng = random.Random(7)
    atoms = [
        " ", " ", "  ", "\n", "\r\n", "\t", "    ", "a", "b", "the", "return", "self", "Ab", "x1", "9", "42", "'", "'s", "'LL", ".", ",", "==", "(", ")", "_", "é", "e\u0301",
        "ß", "ſ", "ж", "你", "語", "🙂", "👩‍👧", "\u0301", "\u0327", "\u00a0", "\u3000", "\u2028", "½", "٣", "Ⅷ", "ǅ", "<|endoftext|>", "<mask>", "<both>", "word", "<a", "\x00", "\u200d", "z", "Q",
    ]
    out = list(HAND)
    for _ in range(220):
        out.append("".join(rng.choice(atoms) for _ in range(rng.randint(1, 14))))
    return list(dict.fromkeys(out))


def steps(offsets):
    out, end = [], 0
    for a, b in offsets:
        out += [a - end, b - a]
        end = b
    return out


def main():
    model, strings, cases = train(), texts(), []
    for name, k in kinds(model).items():
        f = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None}
        f |= {"post_processor": None, "decoder": byte_level(True)}
        f |= {key: value for key, value in k.items() if key != "model"}
        f["model"] = model | k.get("model", {})
        t = Tokenizer.from_str(json.dumps(f))
        encoded = [t.encode(s, add_special_tokens=False) for s in strings]
        around = t.encode("x").ids
        cases.append(
            {
                "name": name,
                "file": {key: value for key, value in f.items() if key != "model"},
                "model": k.get("model", {}),
                "ids": [e.ids for e in encoded],
                # In characters: each token's start after the end of the one before, and its length.
                "offsets": [steps(e.offsets) for e in encoded],
                "decoded": [None if (d := t.decode(e.ids, skip_special_tokens=False)) == s else d for e, s in zip(encoded, strings)],
                "plain": [None if (d := t.decode(e.ids)) == s else d for e, s in zip(encoded, strings)],
                "x": around,
            }
        )
    data = json.dumps(
        {"made_with": f"tokenizers {tokenizers.__version__}, Unicode {unicodedata.unidata_version}", "model": model, "texts": strings, "cases": cases},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    path = pathlib.Path(__file__).parent.parent / "golden.json.gz"
    path.write_bytes(gzip.compress(data.encode(), 9, mtime=0))
    print(len(strings), "texts,", len(cases), "kinds,", path.stat().st_size, "bytes")


main()
