let leftBehind = 0

/**
 * Whether a call has not come back although its caller gave up waiting for it. A process with such a thread
 * does not end by itself: `process.exit` waits for it, and in state D nothing ends it, SIGKILL neither.
 */
export function isSomeCallHung(): boolean {
  return leftBehind > 0
}

/**
 * What comes first of `call`, which a thread of libuv's pool is in, and of `late`. A call that is not back by
 * then counts as hung until it is.
 */
export async function backBefore<T, L>(call: Promise<T>, late: Promise<L>): Promise<T | L> {
  let isBack = false
  const back = call.finally(() => {
    isBack = true
  })
  try {
    return await Promise.race([back, late])
  } finally {
    if (!isBack) leaveBehind(call)
  }
}

/** The same with a limit, which keeps no process alive by itself; `null`: it is not back. */
export function backWithin<T>(call: Promise<T>, seconds: number): Promise<T | null> {
  const late = new Promise<null>(resolve => setTimeout(() => resolve(null), seconds * 1000).unref())
  return backBefore(call, late)
}

function leaveBehind(call: Promise<unknown>): void {
  const forget = () => {
    leftBehind -= 1
  }
  leftBehind += 1
  call.then(forget, forget)
}
