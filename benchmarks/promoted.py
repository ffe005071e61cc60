"""Promoted tokens of many latents: one call each, against one batch. `python benchmarks/promoted.py [--latents 256]`: the demo's model and SAE."""
import os
os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1"}
import argparse, time
import torch
from autointerp.data.logits import effects, logit_lens, promoted, token_lists
from autointerp.data.subject import load_subject

def cost(does, n):
    "CPU milliseconds a latent, the least of three tries."
    def tried():
        begin = time.process_time()
        does()
        return 1000*(time.process_time() - begin)/n
    return min(tried() for _ in range(3))

def compared(subject, latents, few):
    "(way, milliseconds a latent) of each way to the same lists."
    lens = logit_lens(subject)
    one, batch = promoted(subject, few[0]), token_lists(lens, few, raw=True)[few[0]]
    assert [t for t, _ in one[0]] == [t for t, _ in batch[0]]
    yield "a call each: the head converted and the steps found each time", cost(lambda: [promoted(subject, i) for i in few], len(few))
    yield "a call each, the lens kept", cost(lambda: [token_lists(lens, [i], raw=True) for i in few], len(few))
    yield "one batch, its lens made once", cost(lambda: token_lists(logit_lens(subject), latents, raw=True), len(latents))
    yield "one batch, standardised over all latents (`effects`)", cost(lambda: effects(subject, latents), len(latents))

if __name__ == "__main__":
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--latents", type=int, default=256)
    n = ask.parse_args().latents
    print(f"{torch.get_num_threads()} threads, {n} latents in a batch")
    for dtype in ("bfloat16", "float32"):
        subject = load_subject("demo", dtype=dtype, device="cpu")
        found = list(compared(subject, list(range(n)), list(range(8))))
        for way, ms in found: print(f"{dtype:8} {ms:8.2f} ms a latent {found[0][1]/ms:6.1f} times faster  {way}")
