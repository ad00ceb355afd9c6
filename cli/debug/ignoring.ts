/** Until it is disposed of, a signal of a person ends nothing: others of this process do not hear of it. */
export function ignoring(signal: 'SIGINT' | 'SIGHUP'): Disposable {
  // As they were added: those for once are not forgotten.
  const others = process.rawListeners(signal) as NodeJS.SignalsListener[]
  const ignore = () => undefined
  process.on(signal, ignore)
  for (const other of others) process.off(signal, other)
  return {
    [Symbol.dispose]() {
      for (const other of others) process.on(signal, other)
      process.off(signal, ignore)
    },
  }
}
