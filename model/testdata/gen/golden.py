"""Writes the golden files of package model: small random Transformers of each style
and what transformers and torch compute with them. ../README.md describes the files.

    python golden.py

Everything is computed in float64, on weights that are float32 numbers, and stored
as float32, so the files hold the mathematical answer; "float32" in each file's
metadata says how far transformers' own float32 run is from it, which is what a
float32 engine can be held to.
"""

import contextlib
import copy
import json
import os
import pathlib

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import save_file
from transformers import GPT2Config, LlamaConfig, Qwen2Config
from transformers import GPT2LMHeadModel, LlamaForCausalLM, Qwen2ForCausalLM, Qwen2ForSequenceClassification

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

HERE = pathlib.Path(__file__).resolve().parent.parent
BATCH, TIME = 2, 17
LENGTHS = [17, 11]  # of the ragged case, padded on the right
PROMPTS = [9, 4, 1]  # lengths of the prompts
NEW = 12  # tokens to generate
NONE = dict(bos_token_id=None, eos_token_id=None, pad_token_id=None)

MODELS = {
    # An inner width that is not 4·24, heads of 6.
    "gpt2": (GPT2LMHeadModel, GPT2Config(
        vocab_size=101, n_positions=32, n_embd=24, n_layer=2, n_head=4, n_inner=40,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, **NONE)),
    # Grouped heads that together are wider (4·8) than the model, untied, another base.
    "llama": (LlamaForCausalLM, LlamaConfig(
        vocab_size=67, max_position_embeddings=64, hidden_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, intermediate_size=40, rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 500.0}, **NONE)),
    # One key and value head for three, tied, biases on queries, keys and values.
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(
        vocab_size=67, max_position_embeddings=64, hidden_size=24, num_hidden_layers=2, num_attention_heads=3,
        num_key_value_heads=1, intermediate_size=40, tie_word_embeddings=True, **NONE)),
}


@contextlib.contextmanager
def double():
    """Lets transformers compute in float64 where it asks for float32 by name (RMS
    norm, softmax, rotary angles)."""
    single = torch.float32, torch.float
    torch.float32 = torch.float = torch.float64
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.float32, torch.float = single
        torch.set_default_dtype(torch.float32)


def randomize(model, rng):
    """Values with which every parameter matters: gains near 1, all else around 0."""
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=rng)
        gain = p.dim() == 1 and name.endswith("weight")
        scale = 0.5 if "embed_tokens" in name or "wte" in name else 0.2
        p.data = 1 + 0.2 * noise if gain else scale * noise


def ids_of(rng, vocab, *shape):
    return torch.randint(1, vocab, shape, generator=rng)  # 0 is left for padding


def loss_of(logits, labels):
    """The mean over tokens that have a successor, as ForCausalLMLoss, which rounds to float32."""
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {n: p.grad.clone() for n, p in model.named_parameters()}


def norm_of(grads):
    return torch.sqrt(sum((g.double() ** 2).sum() for g in grads.values()))


def optimizer(model):
    """nanoGPT's rule: matrices and embeddings decay, vectors do not."""
    ps = list(model.parameters())
    groups = [dict(params=[p for p in ps if p.dim() >= 2], weight_decay=0.1),
              dict(params=[p for p in ps if p.dim() < 2], weight_decay=0.0)]
    return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, foreach=False)


def train(model, steps, clip=None):
    model = copy.deepcopy(model)
    opt = optimizer(model)
    losses, norms = [], []
    for ids in steps:
        loss = loss_of(model(input_ids=ids).logits, ids)
        norms.append(norm_of(gradients(model, loss)))
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip, foreach=False)
        opt.step()
        losses.append(loss.detach())
    return torch.stack(losses), torch.stack(norms), {n: p.detach() for n, p in model.named_parameters()}


def greedy(model, prompts, lengths):
    """Each prompt alone, without a cache: the definition."""
    tokens, logprobs, margin = [], [], 1e9
    for row, n in zip(prompts, lengths):
        ids = row[None, :n]
        for _ in range(NEW):
            p = model(input_ids=ids).logits[0, -1].log_softmax(-1)
            top = p.topk(2)
            margin = min(margin, (top.values[0] - top.values[1]).item())
            logprobs.append(top.values[0])
            ids = torch.cat([ids, top.indices[None, :1]], 1)
        tokens.append(ids[0, n:])
    return torch.stack(tokens), torch.stack(logprobs).view(len(tokens), NEW), margin


def compute(model, q):
    """All golden values of a language model; q holds the inputs."""
    out = {}
    out["full.logits"] = model(input_ids=q["full.ids"]).logits
    loss = loss_of(out["full.logits"], q["full.ids"])
    out["full.loss"] = loss[None]
    out |= {"grad." + n: g for n, g in gradients(model, loss).items()}

    mask = torch.arange(TIME)[None] < q["ragged.lengths"][:, None]
    labels = q["ragged.ids"].masked_fill(~mask, -100)
    logits = model(input_ids=q["ragged.ids"], attention_mask=mask.long()).logits
    loss = loss_of(logits, labels)
    out["ragged.logits"] = logits * mask[..., None]
    out["ragged.loss"] = loss[None]
    out["ragged.gradnorm"] = norm_of(gradients(model, loss))[None]

    out["steps.losses"], out["steps.gradnorms"], after = train(model, q["steps.ids"])
    out |= {"after." + n: p for n, p in after.items()}
    out["clip.losses"], out["clip.gradnorms"], after = train(model, q["steps.ids"], clip=0.5)
    out |= {"clip.after." + n: p for n, p in after.items() if "h.1.mlp.c_proj" in n or "layers.1.mlp.down_proj" in n}

    with torch.no_grad():
        out["generate.tokens"], out["generate.logprobs"], margin = greedy(model, q["generate.prompts"], q["generate.lengths"])
    return {n: v.detach() for n, v in out.items()}, margin


def distances(exact, single):
    """How far float32 is from float64, the largest for each kind of value: relative to
    the tensor's largest element, but absolute for parameters after training."""
    far = {}
    for name, want in exact.items():
        if want.dtype == torch.int64:
            assert torch.equal(want, single[name]), name
            continue
        kind = next((k for k in ("grad", "after", "clip.after") if name.startswith(k + ".")), name)
        diff = (want - single[name].double()).abs()
        if name.endswith("c_attn.bias"):  # without the keys' third: see ../README.md
            diff[len(diff) // 3 : 2 * len(diff) // 3] = 0
        diff = diff.max() if kind.endswith("after") else diff.max() / want.abs().max()
        far[kind] = max(far.get(kind, 0), diff.item())
    return far


def write(path, tensors, **metadata):
    tensors = {n: (v.float() if v.is_floating_point() else v).contiguous().clone() for n, v in tensors.items()}
    metadata["made_with"] = f"torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}"
    # One key: save_file writes several in random order.
    save_file(tensors, path, metadata={"golden": json.dumps(metadata)})
    print(path.relative_to(HERE), path.stat().st_size, metadata)


def rounded(far):
    return {k: float(f"{v:.1e}") for k, v in far.items()}


def save_model(model, folder):
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def twin(cls, config, model):
    """The same weights in float64, with rotary angles in float64 as well."""
    exact = cls(copy.deepcopy(config))
    exact.load_state_dict(model.state_dict())
    assert all(p.dtype == torch.float64 for p in exact.parameters())
    return exact.eval()


def language_model(style, seed):
    cls, config = MODELS[style]
    config._attn_implementation = "eager"
    rng = torch.Generator().manual_seed(seed)
    model = cls(config).eval()
    randomize(model, rng)
    model.tie_weights()
    save_model(model, HERE / style)

    v = config.vocab_size
    q = {
        "full.ids": ids_of(rng, v, BATCH, TIME),
        "ragged.ids": ids_of(rng, v, BATCH, TIME),
        "ragged.lengths": torch.tensor(LENGTHS),
        "steps.ids": ids_of(rng, v, 3, BATCH, TIME),
        "generate.prompts": ids_of(rng, v, len(PROMPTS), max(PROMPTS)),
        "generate.lengths": torch.tensor(PROMPTS),
    }
    for ids, lengths in (("ragged.ids", LENGTHS), ("generate.prompts", PROMPTS)):
        for row, n in zip(q[ids], lengths):
            row[n:] = 0

    single, _ = compute(model, q)
    with double():
        exact_model = twin(cls, config, model)
        exact, margin = compute(exact_model, q)
    assert margin > 1e-3, f"a greedy choice hangs on {margin}"

    # transformers' own loss, and its own generation with a cache and padding on the left.
    own = model(input_ids=q["full.ids"], labels=q["full.ids"]).loss
    assert abs(own.item() - exact["full.loss"].item()) < 1e-5
    width = max(PROMPTS)
    left = torch.stack([torch.cat([row[n:], row[:n]]) for row, n in zip(q["generate.prompts"], PROMPTS)])
    mask = torch.stack([torch.arange(width) >= width - n for n in PROMPTS]).long()
    own = model.generate(input_ids=left, attention_mask=mask, max_new_tokens=NEW, do_sample=False, pad_token_id=0)
    assert torch.equal(own[:, width:], exact["generate.tokens"]), "generate"

    far = rounded(distances(exact, single))
    write(HERE / style / "golden.safetensors", q | exact, float32=far, greedy_margin=float(f"{margin:.1e}"))
    return model, exact_model


class LoRA(torch.nn.Module):
    """y = Wx + b + alpha/r · B(Ax) (Hu et al. 2021, §4.1), names as PEFT saves them."""

    def __init__(self, inner, r, alpha, rng):
        super().__init__()
        self.inner, self.scale = inner, alpha / r
        self.a = torch.nn.Parameter(0.3 * torch.randn(r, inner.in_features, generator=rng, dtype=torch.float64).float().double())
        self.b = torch.nn.Parameter(0.3 * torch.randn(inner.out_features, r, generator=rng, dtype=torch.float64).float().double())

    def forward(self, x):
        return self.inner(x) + self.scale * F.linear(F.linear(x, self.a), self.b)


def lora(style, exact_model, seed, r=4, alpha=8):
    rng = torch.Generator().manual_seed(seed)
    with double():
        model = copy.deepcopy(exact_model)
        for p in model.parameters():
            p.requires_grad_(False)
        for i, layer in enumerate(model.model.layers):
            for part in (layer.self_attn, layer.mlp):
                for name, child in list(part.named_children()):
                    if name.endswith("_proj"):
                        setattr(part, name, LoRA(child, r, alpha, rng))
        ids = ids_of(rng, model.config.vocab_size, BATCH, TIME)
        logits = model(input_ids=ids).logits
        loss = loss_of(logits, ids)
        loss.backward()
    out = {"ids": ids, "logits": logits.detach(), "loss": loss.detach()[None]}
    for name, m in model.named_modules():
        if isinstance(m, LoRA):
            for letter, p in (("A", m.a), ("B", m.b)):
                key = f"base_model.model.{name}.lora_{letter}.weight"
                out[key], out["grad." + key] = p.detach(), p.grad
    write(HERE / style / "lora.safetensors", out, r=r, alpha=alpha)


def classes(seed):
    """A sequence classifier of the style qwen2, with weights of its own."""
    cls, config = Qwen2ForSequenceClassification, copy.deepcopy(MODELS["qwen2"][1])
    config.num_labels, config.pad_token_id = 3, 0
    config._attn_implementation = "eager"
    rng = torch.Generator().manual_seed(seed)
    model = cls(config).eval()
    randomize(model, rng)
    folder = HERE / "qwen2-classes"
    save_model(model, folder)
    ids = ids_of(rng, config.vocab_size, BATCH, TIME)
    ids[1, LENGTHS[1]:] = 0
    mask = torch.arange(TIME)[None] < torch.tensor(LENGTHS)[:, None]
    labels = torch.tensor([2, 0])

    def compute(model):
        logits = model(input_ids=ids, attention_mask=mask.long()).logits
        loss = F.cross_entropy(logits, labels)
        out = {"logits": logits, "loss": loss[None]}
        out |= {"grad." + n: g for n, g in gradients(model, loss).items()}
        return {n: v.detach() for n, v in out.items()}

    single = compute(model)
    with double():
        exact = compute(twin(cls, config, model))
    own = model(input_ids=ids, attention_mask=mask.long(), labels=labels).loss
    assert abs(own.item() - exact["loss"].item()) < 1e-5
    q = {"ids": ids, "lengths": torch.tensor(LENGTHS), "labels": labels}
    write(folder / "golden.safetensors", q | exact, float32=rounded(distances(exact, single)))


if __name__ == "__main__":
    language_model("gpt2", 1)
    language_model("llama", 2)
    _, qwen2 = language_model("qwen2", 3)
    lora("qwen2", qwen2, 4)
    classes(5)
