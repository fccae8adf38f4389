"""Worker that samples from a GPT-2 or Qwen2 with PyTorch, batched.

`gen ROWS PROMPT NEW` continues ROWS prompts of PROMPT tokens by NEW sampled
tokens each (temperature 1, top-p 0.95, no stops); `greedy ROWS PROMPT NEW`
returns the most likely ones, to check that both sides compute the same model;
`forget` makes the peak of memory count from then on.
"""

import time

import worker

TOP_P = 0.95


def main():
    p = worker.arguments(__doc__)
    p.add_argument("--size", required=True, help="a name in sizes.json")
    p.add_argument("--weights", required=True, help="folder of the checkpoint (train.py --export)")
    p.add_argument("--tokens", help="file of little-endian int32 tokens, from which the prompts are; random ones without it")
    p.add_argument("--how", choices=["loop", "generate"], default="loop", help="a loop of our own, or transformers' generate")
    p.add_argument("--mode", choices=["eager", "default", "max-autotune-no-cudagraphs"], default="eager")
    p.add_argument("--cache", choices=["slice", "bucket", "dynamic", "static"], default="slice", help="loop: exact length, or rounded up to 64 (fixed shapes); generate: dynamic or static")
    p.add_argument("--nucleus", choices=["sort", "topk"], default="topk", help="top-p from a full sort, or from the 256 largest where they suffice")
    p.add_argument("--attention", choices=["sdpa", "matmul"], default="sdpa")
    p.add_argument("--dtype", choices=["f32", "bf16", "int8"], default="f32")
    p.add_argument("--freeze", action="store_true", help="torch.compile: weights as constants, packed for oneDNN")
    args = p.parse_args()
    worker.restart(args)

    import numpy as np
    import torch

    import model as models

    base = worker.memory()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    c = models.Config(**worker.size(args.size), attention=args.attention)
    model = models.Model(c)
    models.load(model, args.weights)
    count = models.parameters(model)
    dtype = torch.bfloat16 if args.dtype == "bf16" else torch.float32
    if args.dtype == "bf16":
        model = model.to(torch.bfloat16)
    if args.dtype == "int8":
        model.untie()
        model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, torch.qint8)
    model.eval().requires_grad_(False)
    if args.tokens:
        data = torch.from_numpy(np.fromfile(args.tokens, dtype="<i4").astype(np.int64))
    else:
        data = torch.randint(c.vocab, (64 * c.positions,))

    def draw(logits):
        """One token per row of logits [B, V], from the nucleus of mass TOP_P."""
        probs = logits.float().softmax(-1)
        if args.nucleus == "topk" and c.vocab > 256:
            top, ids = probs.topk(256)
            if top.sum(-1).min() < TOP_P:
                top, ids = probs.sort(-1, descending=True)
        else:
            top, ids = probs.sort(-1, descending=True)
        before = top.cumsum(-1) - top
        top = top.masked_fill(before > TOP_P, 0)
        return ids.gather(-1, torch.multinomial(top, 1))

    step = model.last
    if args.mode != "eager":
        if args.freeze:
            import torch._inductor.config

            torch._inductor.config.freezing = True
        torch._dynamo.config.cache_size_limit = 64
        step = torch.compile(model.last, mode=args.mode, dynamic=True if args.cache == "slice" else None)
    prefill = step if args.cache == "bucket" else model.last

    def loop(ids, new, pick):
        rows, prompt = ids.shape
        length = prompt + new
        out = torch.empty(rows, new, dtype=torch.long)
        cache = model.new_cache(rows, -(-length // 64) * 64, dtype)
        token = pick(prefill(ids, cache, 0))
        out[:, :1] = token
        if args.cache == "bucket":
            seen = torch.full((cache[0][0].shape[2],), float("-inf"), dtype=dtype)
            seen[:prompt] = 0
        for i in range(1, new):
            at = prompt + i - 1
            if args.cache == "bucket":
                seen[at] = 0
                bucket = -(-(at + 1) // 64) * 64
                views = [(k[:, :, :bucket], v[:, :, :bucket]) for k, v in cache]
                logits = step(token, views, torch.tensor([at]), seen[None, :bucket])
            else:
                logits = step(token, cache, at)
            token = pick(logits)
            out[:, i : i + 1] = token
        return out

    if args.how == "generate":
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging

        logging.set_verbosity_error()
        del model
        hf = AutoModelForCausalLM.from_pretrained(args.weights, dtype=dtype, attn_implementation="sdpa").eval()
        if args.mode != "eager":
            hf.forward = torch.compile(hf.forward, mode=args.mode, dynamic=args.cache != "static")

        def loop(ids, new, pick):
            kind = {"do_sample": pick is draw} | ({"top_p": TOP_P, "top_k": 0, "temperature": 1.0} if pick is draw else {})
            if args.cache == "static":
                kind["cache_implementation"] = "static"
            out = hf.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, min_new_tokens=new, eos_token_id=None, pad_token_id=0, **kind)
            return out[:, ids.shape[1] :]

    quiet = torch.no_grad if args.freeze else torch.inference_mode

    def answer(words):
        """gen|greedy ROWS PROMPT NEW, or forget"""
        if words[0] == "forget":
            worker.forget_peak()
            return {"memory": worker.memory()}
        what, (rows, prompt, new) = words[0], map(int, words[1:4])
        ids = data[: rows * prompt].view(rows, prompt)
        with quiet():
            start = time.perf_counter()
            out = loop(ids, new, draw if what == "gen" else lambda z: z.argmax(-1, keepdim=True))
            seconds = time.perf_counter() - start
        reply = {"seconds": seconds, "tokens": out.numel(), "memory": worker.memory()}
        if what == "greedy":
            reply["ids"] = out.tolist()
        return reply

    worker.serve(
        {
            "worker": "sample", "program": f"torch {torch.__version__}", "settings": vars(args), "parameters": count,
            "threads": torch.get_num_threads(), "base": base, "cpu": torch.backends.cpu.get_cpu_capability(),
        },
        answer,
    )


if __name__ == "__main__":
    main()
