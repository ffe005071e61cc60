"""Calls a second and CPU a call, beside a bare aiohttp client's, in one run: `python benchmarks/judges.py`.

A server on this machine takes 0.2 s for each call; 256 are in flight. Ways: a bare client that posts a body and reads JSON; `LLM` by base_url, by a hosted name that goes straight,
and by a name that goes through litellm. Answers aren't cached. Each way is measured five times in turn, and the best counts."""
import asyncio, json, os, subprocess, sys, time
os.environ.setdefault("TQDM_DISABLE", "1")

SERVER = r"""
import asyncio, json
reply = {"id":"x", "object":"chat.completion", "created":0, "model":"m", "choices":[{"index":0, "finish_reason":"stop", "message":{"role":"assistant", "content":"ok"}}],
         "usage":{"prompt_tokens":10, "completion_tokens":1, "total_tokens":11}}
raw = json.dumps(reply).encode()
out = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw
async def serve(r, w):
    try:
        while True:
            head = (await r.readuntil(b"\r\n\r\n")).lower()
            await r.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            await asyncio.sleep(0.2)
            w.write(out)
    except (asyncio.IncompleteReadError, ConnectionError): pass
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server: await server.serve_forever()
asyncio.run(main())
"""

def talk(i): return [{"role":"system", "content":"Answer with one word. "*20}, {"role":"user", "content":f"Question {i}: " + "word "*300}]

async def bare(url, n, width):
    "A client without anything around it."
    import aiohttp
    jobs = iter(range(n))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def worker():
            for i in jobs:
                async with session.post(url + "/chat/completions", json={"model":"m", "messages":talk(i), "max_tokens":16}) as r: json.loads(await r.text())
        await asyncio.gather(*(worker() for _ in range(width)))

def measured(work, n):
    "(calls a second, milliseconds of CPU a call)."
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return n/(time.perf_counter()-wall), 1000*(time.process_time()-cpu)/n

def main(n=2048, width=256):
    from autointerp.judges.llm import LLM
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
    how = dict(cache=False, max_concurrency=width, timeout=120)
    ways = {"base_url":LLM("m", base_url=url, **how), "openai/...":LLM("openai/m", api_base=url, api_key="none", **how), "through litellm":LLM("custom_openai/m", api_base=url, api_key="none", **how)}
    def ask(judge, n): assert all(r.text=="ok" for r in judge.chat_all((talk(i) for i in range(n)), max_tokens=16))
    for judge in ways.values(): ask(judge, 8)
    found = {}
    for _ in range(5):
        found.setdefault("bare aiohttp", []).append(measured(lambda: asyncio.run(bare(url, n, width)), n))
        for name, judge in ways.items():
            m = n//4 if name=="through litellm" else n
            found.setdefault(name, []).append(measured(lambda: ask(judge, m), m))
    server.kill()
    calls, cpu = max(c for c, _ in found["bare aiohttp"]), min(t for _, t in found["bare aiohttp"])
    print(f"{'':18}{'calls/s':>9}{'of bare':>9}{'CPU a call':>12}{'of bare':>9}")
    for name, runs in found.items():
        c, t = max(c for c, _ in runs), min(t for _, t in runs)
        print(f"{name:18}{c:9.0f}{c/calls:9.2f}{t:9.2f} ms{t/cpu:9.2f}")

if __name__=="__main__":
    import logging
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    main()
