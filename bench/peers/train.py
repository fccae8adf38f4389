"""Worker that trains a GPT-2 or Qwen2 with PyTorch: `step N` runs N optimizer steps.

A step takes the next batch of the token file, and is what nanoGPT does: forward,
backward, clipping to norm 1, AdamW with decay on matrices only.
"""

import time

import worker

LR, BETAS, EPS, DECAY, CLIP = 3e-4, (0.9, 0.95), 1e-8, 0.1, 1.0


def main():
    p = worker.arguments(__doc__)
    p.add_argument("--size", required=True, help="a name in sizes.json")
    p.add_argument("--tokens", help="file of little-endian int32 tokens that both sides read; random ones without it")
    p.add_argument("--weights", help="folder of a checkpoint to start from")
    p.add_argument("--export", help="write the first weights to this folder and end")
    p.add_argument("--mode", choices=["eager", "default", "max-autotune-no-cudagraphs"], default="eager", help="eager, or torch.compile in that mode")
    p.add_argument("--dtype", choices=["f32", "bf16"], default="f32", help="bf16: autocast")
    p.add_argument("--attention", choices=["sdpa", "matmul"], default="sdpa")
    p.add_argument("--optimizer", choices=["fused", "foreach", "compiled"], default="fused")
    p.add_argument("--sharpen", action="store_true", help="with --export: make the distribution as sharp as a trained model's, for sampling")
    p.add_argument("--warm", type=int, default=3, help="steps before the first turn")
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
    if args.export:
        if args.sharpen:
            models.sharpen(model)
        models.save(model, args.export)
        return
    if args.weights:
        models.load(model, args.weights)
    n = c.batch * (c.seq + 1)
    if args.tokens:
        data = torch.from_numpy(np.fromfile(args.tokens, dtype="<i4").astype(np.int64))
    else:
        data = torch.randint(c.vocab, (64 * n,))
    groups = [
        {"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": DECAY},
        {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0},
    ]
    params = list(model.parameters())
    fused = args.optimizer == "fused"
    opt = torch.optim.AdamW(groups, lr=LR, betas=BETAS, eps=EPS, fused=fused, foreach=not fused)
    forward, update = model, opt.step
    if args.mode != "eager":
        forward = torch.compile(model, mode=args.mode)
    if args.optimizer == "compiled":
        update = torch.compile(opt.step)
    done = 0

    def step():
        nonlocal done
        at = done * n % (len(data) - n + 1)
        rows = data[at : at + n].view(c.batch, c.seq + 1)
        x, y = rows[:, :-1].contiguous(), rows[:, 1:].contiguous()
        opt.zero_grad(set_to_none=True)
        if args.dtype == "bf16":
            with torch.autocast("cpu", torch.bfloat16):
                loss = forward(x, y)
        else:
            loss = forward(x, y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, CLIP, foreach=True)
        update()
        done += 1
        return loss.item()

    warm = time.perf_counter()
    losses = [step() for _ in range(args.warm)]
    warm = time.perf_counter() - warm
    worker.forget_peak()

    def answer(words):
        """step N"""
        count = int(words[1])
        losses, times = [], []
        for _ in range(count):
            start = time.perf_counter()
            losses.append(step())
            times.append(time.perf_counter() - start)
        return {"seconds": sum(times), "times": times, "tokens": count * c.batch * c.seq, "loss": losses[-1], "losses": losses, "memory": worker.memory()}

    worker.serve(
        {
            "worker": "train", "program": f"torch {torch.__version__}", "settings": vars(args), "parameters": models.parameters(model),
            "threads": torch.get_num_threads(), "warm_losses": losses, "warm_seconds": warm, "base": base,
            "mkl": torch.backends.mkl.is_available(), "onednn": torch.backends.mkldnn.is_available(), "cpu": torch.backends.cpu.get_cpu_capability(),
        },
        answer,
    )


if __name__ == "__main__":
    main()
