"""How near is `collect` to the floor? `python benchmarks/collection.py [--device cuda] [--widths 16384 131072] [--d-model 2304]`: random weights only, nothing is fetched."""
import os, sys
os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1"}
import argparse, itertools, resource, time, warnings
from pathlib import Path
from tempfile import TemporaryDirectory
import numpy as np, torch
from transformers import LlamaConfig, LlamaForCausalLM
from autointerp.data.activations import collect, contexts, load_text
from autointerp.data.devices import pick
from autointerp.data.families import tiny_tokenizer
from autointerp.data.store import ActivationStore
from autointerp.data.subject import load_subject
warnings.filterwarnings("ignore")

def words(n, seed=0):
    "Documents of `n` words in all."
    some = "the a day fox moon she was and of 12 rivers said new to bread hill".split()
    drawn = np.random.default_rng(seed).choice(some, n)
    return [" ".join(drawn[i:i+500]) for i in range(0, n, 500)]

def random_model(d, layers, device, dtype):
    "A Llama of random weights with so many layers and one more, made on the device."
    heads = max(1, d//64)
    while d % heads: heads -= 1
    shape = dict(hidden_size=d, intermediate_size=4*d, num_hidden_layers=layers + 1, num_attention_heads=heads,
                 num_key_value_heads=heads, vocab_size=2000, max_position_embeddings=1024)
    torch.set_default_dtype(getattr(torch, dtype))
    with torch.device(device): model = LlamaForCausalLM(LlamaConfig(**shape, bos_token_id=0, eos_token_id=1))
    torch.set_default_dtype(torch.float32)
    return model.eval()

class Plain:
    "Weights of a random coder, and what it does in the fewest lines."
    def __init__(self, d, n, kind, k, device, dtype, seed=0):
        made = torch.Generator(device).manual_seed(seed)
        rows = torch.randn(n, d, generator=made, device=device)
        self.W_dec = (rows/rows.norm(dim=1, keepdim=True)).to(getattr(torch, dtype))
        self.W_enc = self.W_dec.T.contiguous()    # as SAELens has it
        self.b_enc, self.b_dec = self.W_dec.new_zeros(n), self.W_dec.new_zeros(d)
        self.kind, self.k, self.n, self.d, self.threshold = kind, k, n, d, self.W_dec.new_zeros(n)

    def fit(self, x):
        "Thresholds that `k` latents of a token exceed."
        pre = x.to(self.W_enc.dtype) @ self.W_enc
        least = pre.topk(self.k, dim=-1).values[:, -1].float()
        level = float(least.median())
        if self.kind == "jumprelu": self.threshold.fill_(level)
        if self.kind == "relu": self.b_enc -= level
        return self

    def floor(self, x):
        "What nobody can do without: the strongest of each token, or all latents of each token."
        pre = x.to(self.W_enc.dtype) @ self.W_enc + self.b_enc
        if self.kind == "topk": return torch.topk(pre, self.k, dim=-1, sorted=False)
        if self.kind == "jumprelu": return pre.relu()*(pre > self.threshold)
        return pre.relu()

    def coder(self):
        "The same as a coder of SAELens; where it isn't installed, one of our own."
        try: import sae_lens as sl
        except ImportError: return Own(self)
        cls, config, more = {"topk":(sl.TopKSAE, sl.TopKSAEConfig, {"k":self.k}),
                             "jumprelu":(sl.JumpReLUSAE, sl.JumpReLUSAEConfig, {}),
                             "relu":(sl.StandardSAE, sl.StandardSAEConfig, {})}[self.kind]
        said = dict(d_in=self.d, d_sae=self.n, dtype=str(self.W_enc.dtype).removeprefix("torch."), apply_b_dec_to_input=False)
        with torch.device("meta"): sae = cls(config(**said, device="meta", **more))
        state = {name:getattr(self, name) for name in sae.state_dict()}
        sae.load_state_dict(state, assign=True)
        return sae.to(device=self.W_dec.device)

class Own:
    "A coder of one's own, which knows only dense activations."
    def __init__(self, plain):
        self.plain, self.directions, self.d_in, self.n_latents = plain, plain.W_dec, plain.d, plain.n
        self.identity = f"random {plain.kind} {plain.d}x{plain.n}"
    def encode(self, x):
        found = self.plain.floor(x)
        if self.plain.kind != "topk": return found
        return torch.zeros(*x.shape[:-1], self.n_latents, dtype=found[0].dtype, device=x.device).scatter(-1, found[1], found[0].relu())
    def decode(self, f): return f.to(self.directions.dtype) @ self.directions
    def restrict(self, ids): return None

def wait(device):
    if device.type == "cuda": torch.cuda.synchronize(device)

def timed(does, device):
    "Seconds, and the process's seconds of CPU."
    wait(device)
    start, cpu = time.perf_counter(), time.process_time()
    does()
    wait(device)
    return time.perf_counter() - start, time.process_time() - cpu

class Peak:
    "MiB that were needed beyond what was held before: of the device where it is a GPU, else of the process."
    def __init__(self, device): self.device = device
    def __enter__(self):
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.device)
            self.before = torch.cuda.memory_allocated(self.device)
        else:
            if Path("/proc/self/clear_refs").exists(): Path("/proc/self/clear_refs").write_text("5")    # begins the peak anew
            self.before = self.process("VmRSS")
        return self
    def __exit__(self, *_):
        if self.device.type == "cuda": self.mib = (torch.cuda.max_memory_allocated(self.device) - self.before)/2**20
        else: self.mib = (self.process("VmHWM") - self.before)/2**10
    def process(self, what):
        if not Path("/proc/self/status").exists(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(l for l in lines if l.startswith(what)).split()[1])

def floor(model, plain, batches, device, values):
    "The model's first layers, the encoder and what it needs of top-k, with nothing kept."
    with torch.inference_mode():
        for ids in batches:
            x = model.model(input_ids=ids.to(device), use_cache=False).last_hidden_state[:, 1:].flatten(0, 1)
            for part in x.split(max(1, values//plain.n)): plain.floor(part)
    wait(device)

class Truncated:
    "A model without its last layer and norm, while the block lasts."
    def __init__(self, model): self.inner = model.model
    def __enter__(self):
        self.layers, self.norm = self.inner.layers, self.inner.norm
        self.inner.layers, self.inner.norm = self.layers[:-1], torch.nn.Identity()
    def __exit__(self, *_): self.inner.layers, self.inner.norm = self.layers, self.norm

def into(subject, text, n, asked):
    "Collect into a folder that goes away; how many activations a token has."
    with TemporaryDirectory() as at:
        store = collect(subject, text, at, n_tokens=n, ctx_len=asked.ctx, batch_size=asked.batch)
        return int(store.counts().sum())/store.n_tokens, sum(p.stat().st_size for p in store.folder.iterdir())

def one(model, n, kind, asked, device):
    "A row: the same tokens by the floor and by `collect`, in turn; the least time of each."
    tokenizer, per = tiny_tokenizer(), asked.ctx - 1
    text = load_text(words(asked.tokens*2))
    rows = itertools.islice(contexts(text, tokenizer, asked.ctx, tokenizer.bos_token_id), -(-asked.tokens//per))
    batches = [torch.from_numpy(np.stack(b)).long() for b in iter(lambda: list(itertools.islice(rows, asked.batch)), [])]
    plain = Plain(asked.d_model, n, kind, asked.k, device, asked.coder_dtype or asked.dtype)
    with torch.inference_mode(), Truncated(model):
        plain.fit(model.model(input_ids=batches[0][:2].to(device), use_cache=False).last_hidden_state[:, 1:].flatten(0, 1))
    subject = load_subject(model, plain.coder(), f"model.layers.{asked.layers - 1}.output", tokenizer=tokenizer)
    chunks = [2**25, 2**28] if device.type == "cuda" else [2**25, 2**23]
    times, n_first = {"floor":[], "ours":[]}, per*asked.batch*-(-9//asked.batch)    # with all that a first look at 2,048 tokens costs
    with Truncated(model):
        for values in chunks: floor(model, plain, batches[:1], device, values)
        best = min(chunks, key=lambda v: timed(lambda: floor(model, plain, batches[:2], device, v), device)[0])
    if device.type != "cpu": into(subject, text, n_first, asked)      # the first time, kernels are chosen
    times["begin"] = [timed(lambda: into(subject, text, n_first, asked), device)]
    for _ in range(asked.repeats):
        with Truncated(model), Peak(device) as bare: times["floor"].append(timed(lambda: floor(model, plain, batches, device, best), device))
        found = []
        with Peak(device) as whole: times["ours"].append(timed(lambda: found.append(into(subject, text, asked.tokens, asked)), device))
    def least(what, which): return min(t[which] for t in times[what])
    rest = 1 - n_first/asked.tokens
    return dict(coder=kind, latents=n, L0=found[0][0], floor=asked.tokens/least("floor", 0), ours=rest*asked.tokens/(least("ours", 0) - least("begin", 0)),
                ratio=rest*least("floor", 0)/(least("ours", 0) - least("begin", 0)), cpu_ratio=rest*least("floor", 1)/(least("ours", 1) - least("begin", 1)),
                begin=least("begin", 0), floor_MiB=bare.mib, ours_MiB=whole.mib, disk_bytes=found[0][1]/(found[0][0]*asked.tokens))

HEADS = "coder latents L0 floor ours ratio cpu_ratio begin floor_MiB ours_MiB disk_bytes".split()
def shown(value): return value if isinstance(value, str) else f"{value:,.0f}" if value >= 100 or isinstance(value, int) else f"{value:.2f}"

def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--device", default="auto")
    ask.add_argument("--widths", type=int, nargs="+", default=[4096, 16384, 65536, 131072])
    ask.add_argument("--kinds", nargs="+", choices=["topk", "jumprelu", "relu"], default=["topk", "jumprelu"])
    ask.add_argument("--d-model", type=int, default=576)
    ask.add_argument("--layers", type=int, help="that are run (10; on a GPU 6)")
    ask.add_argument("--k", type=int, default=64, help="latents that fire on a token, about")
    ask.add_argument("--tokens", type=int, help="a row (4,000; on a GPU 200,000)")
    ask.add_argument("--ctx", type=int, default=256)
    ask.add_argument("--batch", type=int, help="contexts (8; on a GPU 64)")
    ask.add_argument("--dtype", help="of the model (float32; on a GPU bfloat16)")
    ask.add_argument("--coder-dtype", help="of the coder, if it isn't the model's")
    ask.add_argument("--repeats", type=int, help="(3; on a GPU 2)")
    asked = ask.parse_args()
    device = pick(asked.device)
    gpu = device.type == "cuda"
    asked.tokens = asked.tokens or (200_000 if gpu else 4_000)
    asked.batch, asked.dtype = asked.batch or (64 if gpu else 8), asked.dtype or ("bfloat16" if gpu else "float32")
    asked.layers, asked.repeats = asked.layers or (6 if gpu else 10), asked.repeats or (2 if gpu else 3)
    name = torch.cuda.get_device_name(device) if gpu else f"CPU {torch.backends.cpu.get_cpu_capability()}"
    print(f"{name}, torch {torch.__version__}, {torch.get_num_threads()} threads, Python {sys.version.split()[0]}")
    print(f"{asked.layers} layers of {asked.d_model} in {asked.dtype}, {asked.tokens:,} tokens, contexts of {asked.ctx}, batches of {asked.batch}, k = {asked.k}; least of {asked.repeats}")
    print("floor, ours: tokens/s; begin: seconds of a run of some 2,300 tokens, which ours doesn't count; MiB: peak beyond what was held; disk_bytes: of an activation\n")
    print(" ".join(f"{h:>10}" for h in HEADS), flush=True)
    torch.manual_seed(0)
    model = random_model(asked.d_model, asked.layers, device, asked.dtype)
    for kind, n in itertools.product(asked.kinds, asked.widths):
        row = one(model, n, kind, asked, device)
        print(" ".join(f"{shown(row[h]):>10}" for h in HEADS), flush=True)    # as it comes: a lent machine's time can end

if __name__ == "__main__": main()
