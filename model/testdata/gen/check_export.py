"""Loads a folder that Hone exported with transformers, as a user would, and shows or
compares what it computes.

    python check_export.py FOLDER --ids 5,17,3          # prints the logits' shape and the best next tokens
    python check_export.py FOLDER --text "def add("     # with the folder's tokenizer
    python check_export.py FOLDER --compare OURS.safetensors [--tolerance 1e-4]

OURS.safetensors has "ids" [batch, time] (I64) and "logits" of Hone's own run:
[batch, time, vocab] of a language model, [batch, labels] of a classifier. Where it
has "lengths" [batch], rows are padded on the right and only real tokens count. The
tolerance is on the largest difference over the largest logit. Exit status 1: they
differ, a tensor is missing or superfluous.
"""

import argparse
import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def load(folder):
    config = AutoConfig.from_pretrained(folder)
    classifier = any("SequenceClassification" in a for a in config.architectures)
    cls = AutoModelForSequenceClassification if classifier else AutoModelForCausalLM
    model, info = cls.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    wrong = {k: v for k, v in info.items() if v}
    if wrong:
        sys.exit(f"{folder}: transformers does not find every tensor in its place: {wrong}")
    print(f"{type(model).__name__}, {sum(p.numel() for p in model.parameters()):,} parameters")
    return model.eval()


def compare(model, path, tolerance):
    ours = load_file(path)
    ids, want = ours["ids"], ours["logits"]
    lengths = ours.get("lengths", torch.full((len(ids),), ids.shape[1]))
    mask = torch.arange(ids.shape[1])[None] < lengths[:, None]
    got = model(input_ids=ids, attention_mask=mask.long()).logits
    if got.shape != want.shape:
        sys.exit(f"logits {list(got.shape)} there, {list(want.shape)} here")
    diff = (got - want).abs()
    if diff.dim() == 3:
        diff = diff[mask]
    far = (diff.max() / got.abs().max()).item()
    print(f"largest difference {diff.max():.2e}, relative to the largest logit {far:.2e} (tolerance {tolerance:.0e})")
    if not far <= tolerance:
        sys.exit("the logits differ")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    what = p.add_mutually_exclusive_group(required=True)
    what.add_argument("--ids", help="token ids, separated by commas")
    what.add_argument("--text")
    what.add_argument("--compare", metavar="OURS.safetensors")
    p.add_argument("--tolerance", type=float, default=1e-4)
    args = p.parse_args()

    model = load(args.folder)
    with torch.no_grad():
        if args.compare:
            compare(model, args.compare, args.tolerance)
            return
        if args.text is not None:
            ids = AutoTokenizer.from_pretrained(args.folder)(args.text, return_tensors="pt").input_ids
        else:
            ids = torch.tensor([[int(i) for i in args.ids.split(",")]])
        logits = model(input_ids=ids).logits[0]
        print("ids", ids[0].tolist(), "logits", list(logits.shape))
        last = logits[-1] if logits.dim() == 2 else logits
        top = last.log_softmax(-1).topk(min(5, last.numel()))
        for i, lp in zip(top.indices.tolist(), top.values.tolist()):
            print(f"{i:8d}  logit {last[i]:+.6f}  log-probability {lp:+.6f}")


if __name__ == "__main__":
    main()
