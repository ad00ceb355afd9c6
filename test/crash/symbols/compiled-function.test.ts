import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compiledFunction } from '../../../crash/symbols/compiled-function.ts'

/** As Node 20 and 24, JDK 17, .NET and CPython 3.12 write them. */
const NAMES: readonly (readonly [string, string, boolean])[] = [
  ['JS:~total file:///app/cart.mjs:2:19', 'total /app/cart.mjs 2', true],
  ['JS:~ /app/lib.cjs:1:34', '(anonymous) /app/lib.cjs 1', true],
  ['Script:~ file:///app/cart.mjs:1:1', '(top level) /app/cart.mjs 1', true],
  ['Eval:~ /app/lib.cjs:1:1', '(top level) /app/lib.cjs 1', true],
  ['LazyCompile:*total /app/my cart.js:10:5', 'total /app/my cart.js 10', true],
  [
    'JS:~executeUserEntryPoint node:internal/modules/run_main:127:31',
    'executeUserEntryPoint node:internal/modules/run_main 127',
    false,
  ],
  ['JS:*total', 'total', false],
  ['JS:*total /app/cart.js:0:0', 'total /app/cart.js', true],
  ['RegExp:^a:b$', 'RegExp:^a:b$', false],
  ['Builtin:ArrayForEach', 'Builtin:ArrayForEach', false],
  ['BytecodeHandler:Wide.Star', 'BytecodeHandler:Wide.Star', false],
  ['int com.example.Cart.total(int)', 'com.example.Cart.total(int)', true],
  ['void com.example.Cart.<init>()', 'com.example.Cart.<init>()', true],
  ['java.lang.String java.lang.String.valueOf(char[])', 'java.lang.String.valueOf(char[])', false],
  ['Interpreter', 'Interpreter', false],
  ['StubRoutines (1)', 'StubRoutines (1)', false],
  ['int32 [shop] Cart::Total(int32)[OptimizedTier1]', 'Cart::Total(int32)', true],
  [
    'instance void [System.Private.CoreLib] System.String::.ctor(char[])[PreJIT]',
    'System.String::.ctor(char[])',
    false,
  ],
  ['py::total:/app/cart.py', 'total /app/cart.py', true],
  ['py::loads:/usr/lib/python3.12/json/__init__.py', 'loads /usr/lib/python3.12/json/__init__.py', false],
  ['py::run:/usr/lib64/python3.12/runpy.py', 'run /usr/lib64/python3.12/runpy.py', false],
  ['py::get:/usr/lib/python3/dist-packages/shop.py', 'get /usr/lib/python3/dist-packages/shop.py', true],
  ['py::_run:<frozen runpy>', '_run <frozen runpy>', false],
]
for (const [text, said, isOwn] of NAMES)
  it(`compiledFunction() of ${text}`, () => {
    const { name, file, line, isOwn: found } = compiledFunction(text)
    assert.deepEqual([[name, file, line].filter(part => part !== undefined).join(' '), found], [said, isOwn])
  })

it('compiledFunction() is the same however far a compiler went', () => {
  for (const mark of ['~', '^', '+', '*', "*'", "+'"])
    assert.deepEqual(compiledFunction(`JS:${mark}total /app/cart.js:3:1`), {
      name: 'total',
      file: '/app/cart.js',
      line: 3,
      isOwn: true,
    })
  for (const tier of ['', '[Tier0]', '[OptimizedTier1]', '[QuickJitted]'])
    assert.equal(compiledFunction(`void [shop] Cart::Add()${tier}`).name, 'Cart::Add()')
})

it('compiledFunction() has a name of bounded length, quickly, whatever the text is', () => {
  for (const text of ['[', 'a.', 'a ', ':', 'JS:~', 'x [a] ', 'py::', 'int a.b('])
    assert.ok(compiledFunction(text.repeat(100_000)).name.length <= 512)
})
