"""GPT-2 and Qwen2 in plain PyTorch, as one would write them for speed.

GPT-2: layer norm, learned positions, GELU (tanh), fused qkv with bias.
Qwen2: RMS norm, rotary positions, grouped heads, SwiGLU, bias on q, k, v only.
Both tie the output to the embedding. save writes what transformers loads, so
that both sides of a benchmark start from the same weights.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel


@dataclass
class Config:
    arch: str
    layers: int
    dim: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    positions: int
    seq: int
    batch: int
    attention: str = "sdpa"  # or "matmul": products and a softmax of their own

    @property
    def head_dim(self):
        return self.dim // self.heads


def attend(c, q, k, v, causal, mask):
    """Attention of q [B, H, T, D] over k, v [B, KV, S, D]; grouped when KV < H."""
    grouped = c.kv_heads < c.heads
    if c.attention == "sdpa":
        if mask is not None:
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=grouped)
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal, enable_gqa=grouped)
    b, h, t, d = q.shape
    if grouped and t == 1:  # the queries of a group become rows of one product
        g = h // c.kv_heads
        s = (q.reshape(b, c.kv_heads, g, d) * d**-0.5) @ k.transpose(-2, -1)
        if mask is not None:
            s = s + mask
        return (s.softmax(-1) @ v).reshape(b, h, 1, d)
    if grouped:
        k, v = (z.repeat_interleave(h // c.kv_heads, 1) for z in (k, v))
    s = (q * d**-0.5) @ k.transpose(-2, -1)
    if mask is not None:
        s = s + mask
    elif causal:
        s = s + torch.full((t, t), float("-inf"), device=q.device, dtype=q.dtype).triu(1)
    return s.softmax(-1) @ v


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        kv = c.kv_heads * c.head_dim
        self.qkv = nn.Linear(c.dim, c.dim + 2 * kv)
        self.out = nn.Linear(c.dim, c.dim, bias=c.arch == "gpt2")

    def forward(self, x, rope, cache, at, mask):
        """x [B, T, d]. cache is (k, v) [B, KV, S, D] or None; at says where in it x goes:
        an int (then keys up to at+T are seen) or a tensor of indices (then mask decides)."""
        c = self.c
        b, t, _ = x.shape
        kv = c.kv_heads * c.head_dim
        q, k, v = self.qkv(x).split([c.dim, kv, kv], 2)
        q = q.view(b, t, c.heads, c.head_dim).transpose(1, 2)
        k = k.view(b, t, c.kv_heads, c.head_dim).transpose(1, 2)
        v = v.view(b, t, c.kv_heads, c.head_dim).transpose(1, 2)
        if rope is not None:
            q, k = rotate(q, *rope), rotate(k, *rope)
        if cache is not None:
            keys, values = cache
            if isinstance(at, int):
                keys[:, :, at : at + t] = k
                values[:, :, at : at + t] = v
                if at > 0 or t == 1:  # a prompt needs only itself
                    k, v = keys[:, :, : at + t], values[:, :, : at + t]
            else:
                keys.index_copy_(2, at, k)
                values.index_copy_(2, at, v)
                k, v = keys, values
        y = attend(c, q, k, v, t > 1, mask)
        return self.out(y.transpose(1, 2).reshape(b, t, c.dim))


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class GPT2Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm1 = nn.LayerNorm(c.dim, eps=1e-5)
        self.attn = Attention(c)
        self.norm2 = nn.LayerNorm(c.dim, eps=1e-5)
        self.up = nn.Linear(c.dim, c.ffn)
        self.down = nn.Linear(c.ffn, c.dim)

    def forward(self, x, rope, cache, at, mask):
        x = x + self.attn(self.norm1(x), rope, cache, at, mask)
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Qwen2Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm1 = nn.RMSNorm(c.dim, eps=1e-6)
        self.attn = Attention(c)
        self.norm2 = nn.RMSNorm(c.dim, eps=1e-6)
        self.gate_up = nn.Linear(c.dim, 2 * c.ffn, bias=False)
        self.down = nn.Linear(c.ffn, c.dim, bias=False)

    def forward(self, x, rope, cache, at, mask):
        x = x + self.attn(self.norm1(x), rope, cache, at, mask)
        gate, up = self.gate_up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.embed = nn.Embedding(c.vocab, c.dim)
        gpt2 = c.arch == "gpt2"
        self.positions = nn.Embedding(c.positions, c.dim) if gpt2 else None
        self.blocks = nn.ModuleList((GPT2Block if gpt2 else Qwen2Block)(c) for _ in range(c.layers))
        self.norm = nn.LayerNorm(c.dim, eps=1e-5) if gpt2 else nn.RMSNorm(c.dim, eps=1e-6)
        self.head = None
        if not gpt2:
            freq = 10000.0 ** (-torch.arange(0, c.head_dim, 2) / c.head_dim)
            angle = torch.outer(torch.arange(c.positions), freq).repeat(1, 2)
            self.register_buffer("cos", angle.cos(), persistent=False)
            self.register_buffer("sin", angle.sin(), persistent=False)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                scale = (2 * c.layers) ** -0.5 if name.endswith(("out.weight", "down.weight")) else 1
                nn.init.normal_(p, std=0.02 * scale)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def hidden(self, ids, cache, at, mask):
        t = ids.shape[1]
        x = self.embed(ids)
        rope = None
        if isinstance(at, int):
            here = slice(at, at + t)
        else:
            here = at
        if self.positions is not None:
            x = x + self.positions.weight[here]
        else:
            rope = self.cos[here].to(x.dtype), self.sin[here].to(x.dtype)
        for i, block in enumerate(self.blocks):
            x = block(x, rope, cache and cache[i], at, mask)
        return self.norm(x)

    def forward(self, ids, targets):
        """Mean cross-entropy of targets [B, T] given ids [B, T]."""
        x = self.hidden(ids, None, 0, None)
        return F.cross_entropy(F.linear(x, self.embed.weight).flatten(0, 1), targets.flatten())

    def last(self, ids, cache, at, mask=None):
        """Logits [B, V] after the last of ids [B, T]; the cache takes their keys and values."""
        x = self.hidden(ids, cache, at, mask)[:, -1]
        return F.linear(x, self.embed.weight) if self.head is None else self.head(x)

    def untie(self):
        """Makes the output a module of its own, so that it can be quantized like the others."""
        self.head = nn.Linear(self.c.dim, self.c.vocab, bias=False)
        self.head.weight = nn.Parameter(self.embed.weight.detach())

    def new_cache(self, batch, length, dtype):
        c = self.c
        shape = batch, c.kv_heads, length, c.head_dim
        return [(torch.zeros(shape, dtype=dtype), torch.zeros(shape, dtype=dtype)) for _ in range(c.layers)]


@torch.no_grad()
def sharpen(model, entropy=2.5):
    """Makes a random model's next-token distribution about as sharp as a trained one's (entropy in nats).

    Logits are near Gaussian; of deviation s their entropy is ln V - s^2/2. Signs drawn
    per channel keep the tied output from always repeating its input.
    """
    c = model.c
    gain = (2 * (math.log(c.vocab) - entropy)) ** 0.5 / (0.02 * c.dim**0.5)
    model.norm.weight.copy_(gain * torch.randint(0, 2, (c.dim,)).mul(2).sub(1))


def parameters(model):
    return sum(p.numel() for p in model.parameters())


def names(c):
    """Pairs of our names and transformers', or a list of theirs that ours joins by rows.
    A name with T in front is stored transposed (GPT-2's Conv1D)."""
    if c.arch == "gpt2":
        yield "embed.weight", ["transformer.wte.weight"]
        yield "positions.weight", ["transformer.wpe.weight"]
        parts = {"norm1": "ln_1", "norm2": "ln_2", "attn.qkv": "T attn.c_attn", "attn.out": "T attn.c_proj", "up": "T mlp.c_fc", "down": "T mlp.c_proj"}
        for i in range(c.layers):
            for ours, theirs in parts.items():
                t, theirs = ("T ", theirs[2:]) if theirs.startswith("T ") else ("", theirs)
                yield f"blocks.{i}.{ours}.weight", [f"{t}transformer.h.{i}.{theirs}.weight"]
                yield f"blocks.{i}.{ours}.bias", [f"transformer.h.{i}.{theirs}.bias"]
        yield "norm.weight", ["transformer.ln_f.weight"]
        yield "norm.bias", ["transformer.ln_f.bias"]
        return
    yield "embed.weight", ["model.embed_tokens.weight"]
    for i in range(c.layers):
        at = f"model.layers.{i}."
        for kind in "weight", "bias":
            yield f"blocks.{i}.attn.qkv.{kind}", [f"{at}self_attn.{z}_proj.{kind}" for z in "qkv"]
        yield f"blocks.{i}.attn.out.weight", [at + "self_attn.o_proj.weight"]
        yield f"blocks.{i}.gate_up.weight", [at + "mlp.gate_proj.weight", at + "mlp.up_proj.weight"]
        yield f"blocks.{i}.down.weight", [at + "mlp.down_proj.weight"]
        yield f"blocks.{i}.norm1.weight", [at + "input_layernorm.weight"]
        yield f"blocks.{i}.norm2.weight", [at + "post_attention_layernorm.weight"]
    yield "norm.weight", ["model.norm.weight"]


def hf_config(c):
    if c.arch == "gpt2":
        return {
            "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
            "n_layer": c.layers, "n_embd": c.dim, "n_head": c.heads, "n_inner": c.ffn, "n_positions": c.positions, "n_ctx": c.positions,
            "vocab_size": c.vocab, "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True, "scale_attn_weights": True,
            "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0, "bos_token_id": None, "eos_token_id": None, "torch_dtype": "float32",
        }
    return {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu",
        "num_hidden_layers": c.layers, "hidden_size": c.dim, "num_attention_heads": c.heads, "num_key_value_heads": c.kv_heads,
        "intermediate_size": c.ffn, "max_position_embeddings": c.positions, "vocab_size": c.vocab, "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0, "tie_word_embeddings": True, "attention_dropout": 0.0, "use_sliding_window": False,
        "bos_token_id": None, "eos_token_id": None, "torch_dtype": "float32",
    }


def save(model, folder):
    """Writes config.json and model.safetensors in the Hugging Face layout."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    ours = model.state_dict()
    c = model.c
    kv = c.kv_heads * c.head_dim
    out = {}
    for name, theirs in names(c):
        w = ours[name]
        if len(theirs) == 1:
            pieces = [w]
        else:
            pieces = w.split([c.dim, kv, kv]) if len(theirs) == 3 else w.chunk(2)
        for t, piece in zip(theirs, pieces):
            out[t.removeprefix("T ")] = (piece.t() if t.startswith("T ") else piece).contiguous().clone()
    save_file(out, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps(hf_config(c), indent=2) + "\n")
    save_tokenizer(folder / "tokenizer.json")
    (folder / "tokenizer_config.json").write_text('{"bos_token": null, "eos_token": null}\n')


def save_tokenizer(path):
    """Writes a byte-level tokenizer without merges whose token b is the byte b, so that a
    prompt of n bytes is n tokens."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]  # GPT-2's spelling of bytes
    others = [b for b in range(256) if b not in printable]
    spelling = {b: chr(b) for b in printable} | {b: chr(256 + i) for i, b in enumerate(others)}
    t = Tokenizer(BPE(vocab={spelling[b]: b for b in range(256)}, merges=[]))
    t.pre_tokenizer = ByteLevel(add_prefix_space=False)
    t.decoder = ByteLevelDecoder()
    t.save(str(path))


def load(model, folder):
    """Reads what save wrote."""
    theirs = load_file(Path(folder) / "model.safetensors")
    with torch.no_grad():
        ours = dict(model.named_parameters())
        for name, parts in names(model.c):
            w = [theirs[t.removeprefix("T ")].t() if t.startswith("T ") else theirs[t] for t in parts]
            ours[name].copy_(torch.cat(w) if len(w) > 1 else w[0])
