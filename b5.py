from ed import *
C="judges/01_calls.ipynb"
sub(C,"3cd618a7",'''def _worth_a_warning(what, e):
    "Say that the cache of answers can't be used. A run goes on without it."
''','''def _warn(what, e):
    "Say that the cache of answers can't be used, or not all of it."
''')
sub(C,"3cd618a7",'''    except _TROUBLE as e: _worth_a_warning("can't be read, what can't is asked again", e)
    return None
''','''    except _SHUT: raise
    except _HURT as e: _warn("is damaged, what can't be read is asked again", e)
    return None
''')
sub(C,"3cd618a7",'''_TROUBLE = (OSError, sqlite3.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError)    # what a damaged or full cache raises
''','''_SHUT = (OSError, sqlite3.OperationalError)    # what a cache raises that is full, locked, or nobody's to write
_HURT = (sqlite3.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError)    # and one that is damaged
''')
sub(C,"3cd618a7",'''def keep(
    key:str,    # of `Line.key`
    held:dict,  # 'engine', 'request' and 'answer'
):
    "Keep an answer on disk; where that can't be, say so once."
    try: answers().set(key, held, retry=True)
    except _TROUBLE as e: _worth_a_warning("can't be written to, a run that is killed asks again", e)

''','')
i=[c["id"] for c in load(C)["cells"] if "async def _answer(self:Line" in "".join(c["source"])][0]
sub(C,i,'''        if self.cache: keep(key, {"engine":self.identity, "request":request, "answer":asdict(reply)})
''','''        _keep(self, key, {"engine":self.identity, "request":request, "answer":asdict(reply)})
''')
sub(C,i,'''    if not self.cache or not (reply := recalled(key)) or not _fits(reply, check): return None
    self.usage.cached += 1
    return reply
''','''    try: reply = recalled(key) if self.cache else None
    except _SHUT as e: return _without(self, e)
    if reply is None or not _fits(reply, check): return None
    self.usage.cached += 1
    return reply

def _keep(self, key, held):
    "Keep an answer on disk."
    try: self.cache and answers().set(key, held, retry=True)
    except _SHUT as e: _without(self, e)
    except _HURT as e: _warn("is damaged, not all answers are kept", e)

def _without(self, e):
    "Go on without a cache: each further try could take a minute."
    self.cache = False
    _warn("can't be used, so answers stand in the run's tables only, and a run that is killed asks again", e)
''')
