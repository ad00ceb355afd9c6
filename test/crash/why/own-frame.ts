import type { StackFrame } from '../../../crash/why/stack-frame.ts'

/** A frame of a program's own code that was followed for certain; where it is follows from its name. */
export function ownFrame(functionName: string, more: Partial<StackFrame> = {}): StackFrame {
  return {
    functionName,
    module: '/srv/app',
    buildId: 'b1',
    offset: BigInt(functionName.charCodeAt(0) || 0),
    trust: 'cfi',
    ...more,
  }
}

/** Of a program that called a library unpacked to `folder`, by way of code that lies in no file. */
export function throughUnpacked(folder: string): readonly StackFrame[] {
  return [
    ownFrame('load', { module: `${folder}/libnative.so`, buildId: 'b2' }),
    ownFrame('jit', { module: '', buildId: null, offset: BigInt(folder.length) }),
    ownFrame('main'),
  ]
}
