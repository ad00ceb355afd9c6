/** Aborts when the kubelet, or a person at a terminal, tells the program to stop. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort(name))
  return stopping.signal
}
