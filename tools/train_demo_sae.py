"""How the SAE in autointerp/demo_sae is made: `python tools/train_demo_sae.py OUT [--tokens 4e6]`, about an hour on 2 cores.

TopK, 2,048 latents, k = 12, on the residual stream after layer 9 of the demo's subject, trained by SAELens. The text is the part of the
demo's text that the demo itself never shows. Activations are computed once and kept in a file beside OUT, then read in random order."""
import argparse, json
from pathlib import Path
import torch
from tqdm.auto import tqdm
from transformers import AutoModelForCausalLM, AutoTokenizer
from autointerp.data.assets import demo_documents
from autointerp.data.subject import demo_model

LAYER, CTX, WIDTH, LATENTS, K, BATCH, LR = 9, 256, 576, 2048, 12, 2048, 1e-3

def contexts(tokenizer, part:str, n_tokens:int) -> torch.Tensor:
    "Packed documents, each context starting with <|endoftext|> (id 0): [row, ctx]."
    ids = []
    for text in demo_documents(part):
        ids += tokenizer(text, add_special_tokens=False).input_ids + [0]
        if len(ids) > n_tokens: break
    rows = torch.tensor(ids[:min(len(ids), n_tokens)//(CTX-1)*(CTX-1)]).view(-1, CTX-1)
    return torch.cat([torch.zeros(len(rows), 1, dtype=rows.dtype), rows], 1)

class Stop(Exception): "The layer has been reached."

@torch.inference_mode()
def activations(model, rows:torch.Tensor) -> torch.Tensor:
    "What layer LAYER puts out at every token that isn't special: [token, WIDTH]."
    got = []
    def hook(module, args, out):
        got.append(out[0] if isinstance(out, tuple) else out)
        raise Stop
    handle = model.model.layers[LAYER].register_forward_hook(hook)
    try: model.model(input_ids=rows)
    except Stop: pass
    finally: handle.remove()
    return got[0][rows > 2]

def dataset(model, tokenizer, part:str, n_tokens:int, path:Path) -> torch.Tensor:
    "The activations of one part of the text, from the file if it is there."
    if not path.exists():
        rows = contexts(tokenizer, part, n_tokens)
        torch.save(torch.cat([activations(model, b) for b in tqdm(rows.split(16), desc=part)]), path)
    return torch.load(path, mmap=True)

def batches(x:torch.Tensor):
    "Batches in random order, epoch after epoch."
    generator = torch.Generator().manual_seed(0)
    while True:
        order = torch.randperm(len(x), generator=generator)
        for i in range(0, len(x)-BATCH+1, BATCH): yield x[order[i:i+BATCH]].float()

def train(x:torch.Tensor, out:Path):
    from sae_lens import SAETrainer, TopKTrainingSAE, TopKTrainingSAEConfig
    from sae_lens.config import LoggingConfig, SAETrainerConfig
    from sae_lens.saes.sae import SAEMetadata
    n = len(x)//BATCH*BATCH
    sae = TopKTrainingSAE(TopKTrainingSAEConfig(
        d_in=WIDTH, d_sae=LATENTS, k=K, normalize_activations="expected_average_only_in", aux_loss_coefficient=1.0))
    sae.cfg.metadata = SAEMetadata(model_name="HuggingFaceTB/SmolLM2-135M-Instruct", hook_name=f"blocks.{LAYER}.hook_resid_post",
                                   hf_hook_name=f"model.layers.{LAYER}.output", context_size=CTX, prepend_bos=True)
    cfg = SAETrainerConfig(
        total_training_samples=n, train_batch_size_samples=BATCH, device="cpu", autocast=True,
        lr=LR, lr_end=LR/10, lr_warm_up_steps=100, lr_decay_steps=n//BATCH//4,
        n_batches_for_norm_estimate=10, dead_feature_window=150, feature_sampling_window=500,
        logger=LoggingConfig(log_to_wandb=False))
    SAETrainer(cfg=cfg, sae=sae, data_provider=batches(x)).fit().save_inference_model(str(out))

def halve(out:Path):
    """Store the weights in 16 bits, which SAELens loads as 32: half the download, and no value moves by
    more than 1 part in 1,000."""
    from safetensors.torch import load_file, save_file
    path = out/"sae_weights.safetensors"
    save_file({k:v.half() for k, v in load_file(path).items()}, path)

@torch.inference_mode()
def measure(model, tokenizer, out:Path, x:torch.Tensor) -> dict:
    "Explained variance, L0 and dead latents on unseen tokens, and how much of the model's loss survives the SAE."
    from sae_lens import SAE
    sae = SAE.load_from_disk(str(out))
    x = x.float()
    f = torch.cat([sae.encode(b) for b in x.split(8192)])
    y = torch.cat([sae.decode(b) for b in f.split(8192)])
    fired = (f > 0).sum(0)
    rows, losses = contexts(tokenizer, "demo", 16_384), {}
    def patched(kind):
        def hook(module, args, h):
            keep = (rows > 2)[..., None]
            instead = sae.decode(sae.encode(h.float())).to(h.dtype) if kind == "sae" else torch.zeros_like(h)
            return torch.where(keep, instead, h)
        return hook
    def loss():
        logits = model(rows).logits[:, :-1].float().flatten(0, 1)
        return float(torch.nn.functional.cross_entropy(logits, rows[:, 1:].flatten()))
    for kind in ("model", "sae", "zero"):
        handle = model.model.layers[LAYER].register_forward_hook(patched(kind)) if kind != "model" else None
        losses[kind] = loss()
        if handle: handle.remove()
    return {
        "tokens measured": len(x),
        "explained variance": float(1 - (x-y).pow(2).sum()/(x-x.mean(0)).pow(2).sum()),
        "L0": float((f > 0).sum(1).float().mean()),
        "dead (never fired)": float((fired==0).float().mean()),
        "fired on 100 tokens or more": float((fired >= 100).float().mean()),
        "median density": float(fired.float().median()/len(x)),
        "loss": losses,
        "loss recovered": (losses["zero"]-losses["sae"])/(losses["zero"]-losses["model"])}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--tokens", type=float, default=4e6)
    args = parser.parse_args()
    torch.manual_seed(0)
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(demo_model())
    model = AutoModelForCausalLM.from_pretrained(demo_model(), dtype=torch.bfloat16).eval()
    data = lambda part, n: dataset(model, tokenizer, part, int(n), args.out.parent/f"{part}-{LAYER}.pt")
    if not (args.out/"cfg.json").exists():
        train(data("train", args.tokens), args.out)
        halve(args.out)
    print(json.dumps(measure(model, tokenizer, args.out, data("demo", 200_000)), indent=1))
