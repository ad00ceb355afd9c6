import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { it } from 'node:test'
import fc from 'fast-check'
import { javaVersionIn } from '../../../crash/why/java-release.ts'
import { parseJvmError } from '../../../crash/why/jvm-error-file.ts'
import { inputs } from '../../inputs.ts'

function fixture(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '../../fixtures/why/jvm', `${name}.log`), 'utf8')
}

it('parseJvmError() has process, thread and the methods of Java of a fault', () => {
  const { pid, threadId, ...error } = parseJvmError(fixture('unsafe-17')) ?? {}
  assert.equal(threadId, (pid ?? 0) + 1)
  assert.deepEqual(error, {
    words: null,
    methods: [
      'jdk.internal.misc.Unsafe.putInt',
      'jdk.internal.misc.Unsafe.putInt',
      'sun.misc.Unsafe.putInt',
      'Cart.total',
      'Cart.main',
    ],
  })
})

it('parseJvmError() has what the JVM said where it gave up itself', () => {
  const error = parseJvmError(fixture('heap-17'))
  assert.equal(error?.words, 'fatal error: OutOfMemory encountered: Java heap space')
  assert.deepEqual(error?.methods, ['Fill.main'])
})

it('parseJvmError() has compiled methods as well as interpreted ones', () => {
  const methods = parseJvmError(fixture('compiled-17'))?.methods ?? []
  assert.deepEqual(methods.slice(3), ['Hot.total', 'Hot.total', 'Hot.total', 'Hot.loop', 'Hot.main'])
  const others = [
    'J 123% c1 shop.Cart.total(I)I java.base@21 (12 bytes) @ 0x1 [0x1+0x1]',
    'J 99  shop.Cart$Item.price()J (3 bytes) @ 0x1',
    'j  shop.Cart.<init>()V+4',
    'C  [libc.so.6+0x1]  raise+0x1',
    'v  ~StubRoutines::call_stub',
  ]
  const text = `#  SIGSEGV (0xb) at pc=0x1, pid=1, tid=7\n\nJava frames: (J=x)\n${others.join('\n')}\n\nj  Other.f()V+1\n`
  assert.deepEqual(parseJvmError(text)?.methods, [
    'shop.Cart.total',
    'shop.Cart$Item.price',
    'shop.Cart.<init>',
  ])
})

it('parseJvmError() has the methods among all frames of a thread that was in compiled code', () => {
  const frames =
    'J 82 c2 Hot.total(IJ)I (30 bytes) @ 0x1 [0x1+0x1]\nj  Hot.main([Ljava/lang/String;)V+30\nC  [x+0x1]'
  const text = `#  SIGSEGV (0xb) at pc=0x1, pid=1, tid=7\n\nNative frames: (J=x)\n${frames}\n\n`
  assert.deepEqual(parseJvmError(text)?.methods, ['Hot.total', 'Hot.main'])
  assert.deepEqual(parseJvmError(`${text}Java frames: (J=x)\nj  Cart.f()V+1\n`)?.methods, ['Cart.f'])
})

it('parseJvmError() of a thread that is none of Java has no methods', () => {
  const text = '#\n#  SIGSEGV (0xb) at pc=0x00007fd5856d27f4, pid=1, tid=0x0000000000000007\n#\n'
  assert.equal(parseJvmError(text.replace('0x0000000000000007', '140155482081024'))?.threadId, null)
  assert.equal(parseJvmError(text.replace('0x0000000000000007', '0x00007f2c6c00c700'))?.threadId, null)
  assert.deepEqual(parseJvmError(text.replace('0x0000000000000007', '7')), {
    pid: 1,
    threadId: 7,
    words: null,
    methods: [],
  })
})

it('parseJvmError() of what is no such file is null', () => {
  for (const text of ['', '#\n# A fatal error\n', 'pid=1, tid=7', '\n'.repeat(100_000)])
    assert.equal(parseJvmError(text), null)
})

it('parseJvmError() never throws, and is short, whatever the file says', () => {
  const piece = fc.constantFrom(
    '#  ',
    'SIGSEGV',
    'Internal Error',
    ', pid=1, tid=7',
    '\n',
    'Java frames:',
    'j  ',
    'a.b(',
    'J 1 c2 ',
    'x'.repeat(600),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), pieces => {
      const error = parseJvmError(pieces.join(''))
      assert.ok((error?.words ?? '').length <= 1000)
      assert.ok((error?.methods ?? []).every(method => method.length <= 512))
    }),
    inputs(),
  )
})

it('javaVersionIn() has what java.version says', () => {
  assert.equal(
    javaVersionIn('IMPLEMENTOR="Debian"\nJAVA_VERSION="17.0.15"\nJAVA_VERSION_DATE="2025-04-15"\n'),
    '17.0.15',
  )
  assert.equal(javaVersionIn('JAVA_VERSION="1.8.0_392"\r\nOS_NAME="Linux"'), '1.8.0_392')
  assert.equal(javaVersionIn('JAVA_VERSION=17\nX_JAVA_VERSION="17"\n'), null)
})
