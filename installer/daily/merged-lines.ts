import type { CrashLine } from './crash-line.ts'

/**
 * The lines of both, in order, each crash once: as `listed` has it where it is in both. A crash that was removed since
 * stays as it was written down. What of `written` is not in order is left out.
 */
export async function* merged(
  written: AsyncIterable<CrashLine>,
  listed: AsyncIterable<CrashLine>,
): AsyncGenerator<CrashLine, void, void> {
  const old = inOrder(written)
  try {
    let next = await old.next()
    for await (const line of listed) {
      for (; next.done !== true && next.value.key < line.key; next = await old.next()) yield next.value
      if (next.done !== true && next.value.key === line.key) next = await old.next()
      yield line
    }
    if (next.done !== true) yield next.value
    yield* old
  } finally {
    await old.return()
  }
}

async function* inOrder(lines: AsyncIterable<CrashLine>): AsyncGenerator<CrashLine, void, void> {
  let last = ''
  for await (const line of lines) {
    if (line.key <= last) continue
    yield line
    last = line.key
  }
}
