import fc from 'fast-check'

/** Frames that a process could make up. */
export const anyFrame = fc.record({
  functionName: fc.option(fc.oneof(fc.string(), fc.constantFrom('main', 'abort', 'runtime.main', 'a<b'))),
  module: fc.oneof(fc.string(), fc.constantFrom('', '/srv/app', '/lib/libc.so.6', '[vdso]')),
  buildId: fc.option(fc.string()),
  offset: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  trust: fc.constantFrom('context', 'cfi', 'fp', 'scan'),
})

export const reasons = fc.constantFrom('stack-overflow' as const, 'raised' as const, 'null-pointer' as const)
