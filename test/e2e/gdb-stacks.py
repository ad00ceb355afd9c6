# Prints the stacks of all threads as JSON, the frames as gdb has them: what was inlined is told with the frame that it
# is in, and what only jumped on is left out. gdb --batch --nx -x gdb-stacks.py PROGRAM CORE
import json

import gdb

MOST_FRAMES = 24


def stack():
    frame, frames = gdb.newest_frame(), []
    while frame is not None and frame.is_valid() and len(frames) < MOST_FRAMES * 4:
        frames.append({"address": hex(frame.pc()), "name": frame.name(), "type": frame.type()})
        try:
            frame = frame.older()
        except gdb.error:
            break
    physical, inlined = [], []
    for f in frames:
        if f["type"] == gdb.INLINE_FRAME:
            inlined.append(f["name"])
            continue
        if f["type"] != gdb.TAILCALL_FRAME:
            physical.append({**f, "inlined": inlined})
        inlined = []
    for f in physical:
        if f["type"] == gdb.SIGTRAMP_FRAME:
            f["name"] = "<signal handler called>"
    return physical[:MOST_FRAMES]


stacks = []
for thread in gdb.selected_inferior().threads():
    thread.switch()
    stacks.append({"tid": thread.ptid[1], "frames": stack()})
print("STACKS " + json.dumps(stacks))
