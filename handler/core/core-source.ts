import type { CorePipe } from './core-pipe.ts'

/** Where the bytes of a core come from, once: the kernel's pipe, or what is made of it. */
export type CoreSource = Pick<CorePipe, 'fill' | 'cut' | 'close'>
