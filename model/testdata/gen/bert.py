"""Writes ../bert and ../roberta: small random models as transformers saves them, and what it computes with
them in float64 (golden.safetensors): hidden states, the loss of masked tokens, its gradients.

    python bert.py"""

import pathlib

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForMaskedLM, RobertaConfig, RobertaForMaskedLM

HERE = pathlib.Path(__file__).resolve().parent.parent
SIZES = dict(vocab_size=41, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, hidden_dropout_prob=0, attention_probs_dropout_prob=0)
LENGTHS = [11, 5]

for name, config, kind in [
    ("bert", BertConfig(**SIZES, max_position_embeddings=12), BertForMaskedLM),
    ("roberta", RobertaConfig(**SIZES, max_position_embeddings=14, pad_token_id=1, type_vocab_size=1, layer_norm_eps=1e-5), RobertaForMaskedLM),
]:
    torch.manual_seed(0)
    m = kind(config).eval()
    with torch.no_grad():
        for p in m.parameters():
            p.add_(0.3 * torch.randn_like(p))
    m.save_pretrained(HERE / name)
    m = m.double()
    ids = torch.randint(2, 41, (2, max(LENGTHS)))
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, n in enumerate(LENGTHS):
        mask[row, :n], ids[row, n:] = 1, config.pad_token_id
        labels[row, :n:2] = torch.randint(2, 41, (len(range(0, n, 2)),))
    hidden = getattr(m, name)(ids, attention_mask=mask).last_hidden_state
    logits = m(ids, attention_mask=mask).logits
    loss = torch.nn.functional.cross_entropy(logits.view(-1, 41), labels.view(-1), reduction="sum")
    loss.backward()
    out = {"ids": ids, "lengths": torch.tensor(LENGTHS), "targets": labels.clamp(min=-1), "hidden": hidden.detach().float(), "loss": loss.detach().float()[None]}
    for n, p in m.named_parameters():
        out["grad." + n] = p.grad.float()
    save_file(out, HERE / name / "golden.safetensors")
