"""Windows a second of a judge in this process: `python benchmarks/torch_judge.py [--device cuda:0] [--small]`. Random weights only, nothing is fetched."""
import os
os.environ |= {"TQDM_DISABLE":"1", "HF_HUB_OFFLINE":"1"}
import argparse, time, warnings
import numpy as np, torch
from transformers import Qwen2Config, Qwen2ForCausalLM
from autointerp.judges.batches import Asked, prompt
from autointerp.data.devices import pick
from autointerp.data.families import tiny_tokenizer
from autointerp.judges.torchlm import TransformersLM
warnings.filterwarnings("ignore")

TEMPLATE = "{% for m in messages %}{{ '<s>' + m['role'] + '\n' + m['content'] + '</s>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<s>assistant\n' }}{% endif %}"
WORDS = "the a day fox moon she was and of rivers said new to bread hill under stone".split()

def random_model(small, device):
    "A Qwen2.5-1.5B of random weights in bfloat16 (a tiny one, when small), made on the device."
    shape = dict(hidden_size=1536, intermediate_size=8960, num_hidden_layers=28, num_attention_heads=12, num_key_value_heads=2, vocab_size=151_936)
    if small: shape = dict(hidden_size=128, intermediate_size=256, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, vocab_size=2000)
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device): model = Qwen2ForCausalLM(Qwen2Config(**shape, bos_token_id=0, eos_token_id=1, max_position_embeddings=4096, tie_word_embeddings=True))
    torch.set_default_dtype(torch.float32)
    return model.eval()

def asked(n, shared=150, own=20, seed=0):
    "Conversations about `n` windows: instructions that all share, then a window of its own."
    draw = np.random.default_rng(seed)
    head = " ".join(draw.choice(WORDS, shared))
    return [[{"role":"system", "content":head}, {"role":"user", "content":f"{i} " + " ".join(draw.choice(WORDS, own + int(draw.integers(-3, 4))))}] for i in range(n)]

def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--device", default="auto")
    ask.add_argument("--small", action="store_true", help="sizes for a laptop")
    given = ask.parse_args()
    device, sizes, n = pick(given.device), (1, 4, 16) if given.small else (1, 8, 32, 128, 512), 32 if given.small else 2048
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    model, tokenizer = random_model(given.small, device), tiny_tokenizer()
    tokenizer.chat_template = TEMPLATE
    engine = lambda size: TransformersLM(model, tokenizer, batch_size=size, batch_tokens=2**18, cache=False)
    lm = engine(1)
    print(f"{name}, torch {torch.__version__}, {sum(p.numel() for p in model.parameters())/1e9:.2f}e9 parameters, {lm.identity['dtype']}", flush=True)
    print(f"one window alone: {lm.ask_all([request(asked(1)[0])])[0].input_tokens} tokens", flush=True)
    print("batch  windows/s  prompt tokens/s  new tokens/s of replies  GPU memory, GiB", flush=True)
    for size in sizes: print(row(engine(size), size, n, device), flush=True)

def row(lm, size, n, device):
    "Speed of choices, and of replies of 32 tokens, at one batch size."
    for k in (min(2*size, n), min(n, 64*size)):     # the first time, kernels are chosen
        questions, before = [request(m) for m in asked(k, seed=k)], lm.usage.input_tokens
        start = time.perf_counter()
        replies = lm.ask_all(questions)
        took = time.perf_counter() - start
    assert all(len(r.top) > 1 for r in replies), replies[0]
    batch = [Asked(dict(messages=m, max_tokens=32), prompt(lm.tokenizer, m), 32) for m in asked(min(size, 128))]
    start = time.perf_counter()
    new = sum(r["usage"]["completion_tokens"] for r in lm.answered(batch))
    writing = new/(time.perf_counter() - start)
    memory = torch.cuda.max_memory_allocated(device)/2**30 if device.type == "cuda" else float("nan")
    return f"{size:5}  {k/took:9.1f}  {(lm.usage.input_tokens - before)/took:15.0f}  {writing:23.0f}  {memory:15.1f}"

def request(messages): return dict(messages=messages, max_tokens=1, temperature=0.0, seed=0, top_logprobs=100)

if __name__ == "__main__": main()
