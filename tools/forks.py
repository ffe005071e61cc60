"""Notebooks in forks of one process that has loaded what takes seconds to import: each begins in a fifth of a second instead of 4 to 9.

Only packages of others are loaded before the fork. What a notebook changes in them, in files' caches or in
`autointerp` ends with its process, as in an interpreter of its own."""
import multiprocessing, os, tempfile
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

packages = """torch nnsight sae_lens transformer_lens datasets pandas sklearn.metrics scipy.stats statsmodels.api
matplotlib.pyplot nbdev.test execnb.shell""".split()
able = "forkserver" in multiprocessing.get_all_start_methods() and hasattr(os, "sched_setaffinity")

def begin(n_lanes:int, **env:str):
    "Start the process that is forked. What packages read of the environment as they load is read here, once."
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(packages)
    threads = str(len(os.sched_getaffinity(0))//n_lanes)  # a fork can't count the cores of its lane anew
    env = {"OMP_NUM_THREADS":threads, "HF_HUB_OFFLINE":"1"} | os.environ | env
    with mock.patch.dict(os.environ, env): forkserver.ensure_running()
    return context

def inside(notebook:str, flags:str, log:str, cores:set[int], env:dict[str, str]):
    "In the fork: on these cores, in today's environment, what is printed into the log."
    with open(log, "w") as f:
        for stream in (1, 2): os.dup2(f.fileno(), stream)
    os.sched_setaffinity(0, cores)
    os.environ.update(env)
    from nbdev.test import nbdev_test
    nbdev_test(path=notebook, flags=flags)

def test(context, notebook:str, flags:str, limit:int=1200, **env:str) -> tuple[str, list[str]]:  # output, complaints; limit in seconds
    "Run one notebook in a fork, on the cores of this thread."
    env, cores = dict(os.environ) | env, os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as temp:
        log = Path(temp)/"log"
        process = context.Process(target=inside, args=(notebook, flags, str(log), cores, env))
        process.start()
        process.join(limit)
        code = f"still running after {limit} s" if process.exitcode is None else process.exitcode
        process.kill()
        process.join()
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return text, [] if code == 0 else [f"nbdev_test {notebook}: {code}", *text.splitlines()[-60:]]
