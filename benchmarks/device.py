"""Does a GPU give what the CPU gives, and how fast? `python benchmarks/device.py [--device cuda:0] [--small]`: random weights only, nothing is fetched."""
import os, sys
os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1"}
import argparse, itertools, time, warnings
from tempfile import TemporaryDirectory
import numpy as np, pandas as pd, torch
from transformers import LlamaConfig, LlamaForCausalLM
from autointerp.data.activations import collect, contexts, load_text, sparse
from autointerp.data.devices import pick
from autointerp.data.families import tiny_folder, tiny_tokenizer
from autointerp.judges.torchlm import TorchLM
from autointerp.data.steer import Edit, generate, next_logprobs
from autointerp.data.store import ActivationStore
from autointerp.data.subject import load_subject
warnings.filterwarnings("ignore", category=FutureWarning)

FAMILIES, HOOK, CLOSE = ("llama", "gpt2", "gemma2", "qwen3"), "blocks.1.hook_resid_post", 1e-3

class Coder:
    "A random TopK or JumpReLU coder that writes with the transpose of what it reads with."
    def __init__(self, d_in, n_latents, kind="topk", k=32, dtype=torch.float32, device="cpu", seed=0):
        made = torch.randn(n_latents, d_in, generator=torch.Generator(device).manual_seed(seed), device=device)
        self.directions, self.d_in, self.n_latents, self.kind, self.k = (made/made.norm(dim=1, keepdim=True)).to(dtype), d_in, n_latents, kind, k
        self.threshold, self.identity = None, f"{kind} {d_in}x{n_latents} {k} seed {seed}"

    def read(self, x): return x.to(self.directions.dtype) @ self.directions.T
    def fit(self, x):
        "The threshold at which JumpReLU keeps about `k` latents of a token."
        self.threshold = float(self.read(x).topk(self.k, dim=-1).values[:, -1].median()) + .01     # beside a value, not on it
        return self
    def encode(self, x):
        pre = self.read(x)
        if self.kind == "jumprelu": return pre*(pre > self.threshold)
        kept, at = pre.topk(self.k, dim=-1)
        return torch.zeros_like(pre).scatter(-1, at, kept.relu())
    def decode(self, f): return f @ self.directions
    def restrict(self, ids): return None

def words(n, seed=0):
    "Documents of `n` words in all."
    some = "the a day fox moon she was and of 12 rivers said new to bread hill".split()
    drawn = np.random.default_rng(seed).choice(some, n)
    return [" ".join(drawn[i:i+500]) for i in range(0, n, 500)]

def stored(subject, text, **how):
    "What a store holds, latent by latent."
    with TemporaryDirectory() as at:
        store = collect(subject, text, at, **how)
        return {int(i):store.latent(int(i)) for i in store.ids}

def away(a, b): return float((a.double().cpu() - b.double().cpu()).abs().max())

def stores_differ(a, b):
    "Which share of the activations is in one store only, and how far apart the others are at most."
    lone, most, n = 0, 0., sum(len(l.pos) for l in (*a.values(), *b.values()))
    for i in a.keys() | b.keys():
        if i not in a or i not in b: lone += len((a.get(i) or b.get(i)).pos); continue
        x, y = ({(int(r), int(p)):float(v) for r, p, v in zip(l.row, l.pos, l.act)} for l in (a[i], b[i]))
        lone += len(x.keys() ^ y.keys())
        most = max([most] + [abs(x[k] - y[k]) for k in x.keys() & y.keys()])
    return lone/n, most

PROMPTS = [[0, 30, 55, 70, 90], [0, 41], [0, 30, 55, 70, 90], [0, 9, 27, 80]]
EDITS = [None, Edit(3, "amplify", 4.), Edit(5, "clamp", 3.), Edit(5, "ablate")]

def compared(family, kind, device):
    "One row: the same model and coder on the CPU and on the device, in float32."
    folder, coder = tiny_folder(family), "neurons" if kind == "neurons" else Coder(32, 128, kind, k=8)
    subjects = [load_subject(folder, coder, HOOK, dtype="float32", device="cpu")]
    if kind == "jumprelu":
        coder.fit(subjects[0].activations(torch.tensor(PROMPTS[:1]))[0])
    subjects.append(load_subject(folder, coder, HOOK, dtype="float32", device=device))
    x, y = (s.activations(torch.tensor(PROMPTS[:1])) for s in subjects)
    lone, most = stores_differ(*(stored(s, words(3000), n_tokens=2000, ctx_len=64) for s in subjects))
    steered = [next_logprobs(s, PROMPTS, EDITS) for s in subjects]
    texts = [generate(s, PROMPTS, EDITS, n_tokens=8, temperature=t) for s in subjects for t in (0, 1)]
    said = [torch.tensor([v for t in TorchLM(s).logprobs("she said", ["the moon", "a new day"]) for v in t.logprobs]) for s in subjects]
    return dict(family=family, coder=kind, device=str(subjects[1].device), coder_on=str(subjects[1].coder.directions.device),
                activations=away(x, y), stored=most, in_one_only=lone, steered=away(*steered), same_text=texts[:2] == texts[2:], logprobs=away(*said))

def ends_where(asked):
    "Where model, coder and base model are after each way of asking."
    subject = load_subject(tiny_folder("llama"), Coder(32, 128), HOOK, device=asked)
    lm = TorchLM(subject)
    return dict(asked=asked, wanted=str(pick(asked)), model=str(subject.device), coder=str(subject.coder.directions.device), base_model=str(lm.device),
                one_copy=all(a is b for a, b in zip(lm.model.parameters(), subject.model._module.parameters())))

def big(small, device):
    "A Llama of 1.2 billion random parameters in bfloat16 (of 3 million, when small), made on the device."
    shape = dict(hidden_size=128, intermediate_size=256, num_hidden_layers=6, num_attention_heads=4, num_key_value_heads=2, vocab_size=2000)
    if not small: shape = dict(hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8, vocab_size=128_000)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device): model = LlamaForCausalLM(LlamaConfig(**shape, bos_token_id=0, eos_token_id=1, max_position_embeddings=1024))
    torch.set_default_dtype(torch.float32)
    return model.eval()

def wait(device):
    if device.type == "cuda": torch.cuda.synchronize(device)

def timed(does, device):
    wait(device)
    start = time.perf_counter()
    does()
    wait(device)
    return time.perf_counter() - start

def plainly(model, layer, coder, batches, device):
    "The floor: the model's first layers, the encoder, top-k, and what was found brought to the CPU."
    kept = model.model.layers
    model.model.layers = kept[:layer+1]
    norm, model.model.norm = model.model.norm, torch.nn.Identity()
    try:
        with torch.inference_mode():
            for ids in batches:
                x = model.model(input_ids=ids.to(device), use_cache=False).last_hidden_state[:, 1:].flatten(0, 1)
                for part in x.split(2048):
                    found = coder.read(part).topk(coder.k, dim=-1)
                    found.values.float().cpu().numpy(), found.indices.cpu().numpy()
    finally: model.model.layers, model.model.norm = kept, norm

def speed(model, coder, device, n_tokens, batch_size, ctx_len=256):
    "One row: tokens a second of `collect`, and of the floor on the same tokens in the same batches."
    layer, tokenizer = len(model.model.layers)//2, tiny_tokenizer()
    subject = load_subject(model, coder, f"model.layers.{layer}.output", tokenizer=tokenizer)
    text = load_text(words(n_tokens*2))
    rows = itertools.islice(contexts(text, tokenizer, ctx_len, subject.bos_id), -(-n_tokens//(ctx_len - 1)))
    batches = [torch.from_numpy(np.stack(b)).long() for b in iter(lambda: list(itertools.islice(rows, batch_size)), [])]
    if coder.kind == "jumprelu": coder.fit(subject.activations(batches[0][:1])[0, 1:])
    collected = lambda: stored_only(subject, text, n_tokens=n_tokens, ctx_len=ctx_len, batch_size=batch_size)
    floor = lambda: plainly(model, layer, coder, batches, device)
    if device.type != "cpu":      # the first time, kernels are chosen
        stored_only(subject, text, n_tokens=2*batch_size*ctx_len, ctx_len=ctx_len, batch_size=batch_size)
        plainly(model, layer, coder, batches[:2], device)
    (took, found), bare = (timed_result(collected, device)), timed(floor, device)
    x = subject.activations(batches[0])[:, 1:].flatten(0, 1)
    with torch.inference_mode():
        reading = timed(lambda: subject.activations(batches[0]), device)*len(batches)
        encoding = {f"sparse 2^{p}":len(x)/timed(lambda: sparse(coder, x, 2**p), device) for p in (25, 27, 28)}
    return dict(device=str(subject.device), coder=f"{coder.kind} {coder.n_latents//1024}k", batch=batch_size, tokens=n_tokens, collect=n_tokens/took,
                floor=n_tokens/bare, of_floor=bare/took, reading=n_tokens/reading, **encoding, L0=found/n_tokens)

def timed_result(does, device):
    got = []
    took = timed(lambda: got.append(does()), device)
    return took, got[0]

def stored_only(subject, text, **how):
    "Collect into a folder that goes away; how many activations were stored."
    with TemporaryDirectory() as at:
        collect(subject, text, at, **how)
        return int(ActivationStore(at).counts().sum())

def show(title, rows):
    "A table; each row is told as it comes, since a lent machine's time can end."
    told = []
    for row in rows:
        told.append(row)
        print("   ", *(f"{v:.3g}" if isinstance(v, float) else v for v in row.values()), flush=True)
    table = pd.DataFrame(told)
    print(f"\n{title}\n{table.to_string(index=False, float_format=lambda v: f'{v:.3g}' if abs(v) < 100 else f'{v:,.0f}')}", flush=True)
    return table

def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--device", default="auto")
    ask.add_argument("--small", action="store_true", help="sizes for a laptop")
    asked = ask.parse_args()
    device, small = pick(asked.device), asked.small
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"{name}, torch {torch.__version__}, {torch.get_num_threads()} threads, Python {sys.version.split()[0]}", flush=True)
    torch.manual_seed(0)
    ways = ["auto", "cpu", str(device)] + ([f"{device.type}:0"] if device.type != "cpu" else [])
    show("Where things end", (ends_where(w) for w in dict.fromkeys(ways)))
    same = show("CPU against device, float32: largest differences", (compared(f, k, device) for f in FAMILIES for k in ("topk", "jumprelu", "neurons")))
    worst = same[["activations", "stored", "steered", "logprobs"]].max().max()
    print(f"\nequal within {CLOSE}: {'yes' if worst < CLOSE and same.in_one_only.max() < CLOSE and same.same_text.all() else 'NO'} (worst {worst:.2g})", flush=True)
    show("Tokens a second (collect: everything; floor: truncated forward, encoder, top-k; reading: the hook alone; sparse: the encoder alone, by values held at once)", speeds(small, device))

def speeds(small, device):
    "Rows of `speed` on the device, and on the CPU if that is another."
    model = big(small, device)
    sizes, n_tokens = ((2048, 4096), 2_000) if small else ((2**14, 2**17), 200_000)
    d = model.config.hidden_size
    for n, kind in itertools.product(sizes, ("topk", "jumprelu")):
        for batch in (8,) if small or device.type == "cpu" else (8, 32):
            yield speed(model, Coder(d, n, kind, k=64, device=device), device, n_tokens, batch)
    if device.type == "cpu": return
    if device.type == "cuda": print(f"largest GPU memory {torch.cuda.max_memory_allocated(device)/2**30:.1f} GiB", flush=True)
    model = model.to("cpu")
    for n in sizes: yield speed(model, Coder(d, n, "topk", k=64), torch.device("cpu"), 2_000, 8)

if __name__ == "__main__": main()
