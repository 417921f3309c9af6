"""`python -m tests.chaos`"""
import sys, time, threading
from pathlib import Path
from tests.chaos.own_stack import own_stack
from tests.chaos.work import *
from tests.chaos.callers import Callers
def main():
    n=int(sys.argv[1])
    out=Path("out"); out.mkdir(exist_ok=True)
    t=time.time()
    with own_stack(Path(".local/chaos").resolve(), out/"calls.jsonl", 1) as own:
        print("stack", time.time()-t)
        client=lambda: own.stack.client("admin")
        c=client()
        folder=Path(".local/chaos/files"); folder.mkdir(exist_ok=True)
        projects=[prepare(c,p,i,folder) for i,p in enumerate(PROJECTS)]
        print("prepared", time.time()-t)
        callers=Callers(Work(projects,n,1),client,1)
        stop=threading.Event()
        t0=time.time()
        ths=[threading.Thread(target=callers.submit_all,args=(stop,)) for _ in range(3)]+[threading.Thread(target=callers.look,args=(stop,),daemon=True)]
        for x in ths: x.start()
        for x in ths[:3]: x.join()
        print("submitted", time.time()-t0)
        while True:
            time.sleep(0.3)
            s=[c.stats(p) for p in PROJECTS]
            if sum(x.queued+x.running for x in s)==0 and sum(x.total for x in s)>=n+12: break
        print("done", time.time()-t0, n/(time.time()-t0), s, callers.refused)
        stop.set()
        own.proxy.follow(__import__("jobmill_local.faults").faults.NO_FAULTS)
main()
