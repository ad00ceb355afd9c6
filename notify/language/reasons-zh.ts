import type { ReasonCode } from '../../crash/why/reason-code.ts'
import { byPhrases, type Phrase } from './phrases.ts'

/** What a code says in any case: for reasons whose English sentence is not known here. */
const KINDS: Readonly<Record<ReasonCode, string>> = {
  'null-pointer': '空指针',
  'null-call': '调用空函数指针',
  'wild-call': '函数指针或返回地址已损坏',
  'stack-overflow': '栈溢出',
  'read-only-write': '写只读内存',
  'bad-address': '访问非法地址',
  'no-code': '跳转到不可执行的内存',
  'memory-tag': '内存标签不匹配',
  'division-by-zero': '除以零',
  arithmetic: '算术错误',
  'illegal-instruction': '非法指令',
  'bus-error': '总线错误',
  'truncated-mapping': '访问了映射文件中不存在的页',
  'hardware-error': '机器内存故障',
  killed: '被其他进程的信号终止',
  raised: '程序自己触发的信号',
  timer: '定时器信号',
  abort: '程序调用了 abort()',
  exception: '未捕获的异常',
  panic: 'panic',
  trap: '陷阱指令（检查失败）',
  'bad-syscall': '系统调用被禁止',
  'cpu-limit': 'CPU 时间超过上限（RLIMIT_CPU 或 RLIMIT_RTTIME）',
  'file-size-limit': '写文件超过大小上限（RLIMIT_FSIZE）',
  other: '其他原因',
}

/** What was done with memory. */
const DONE: Readonly<Record<string, string>> = {
  'read of': '读',
  'write to': '写',
  'read through': '读',
  'write through': '写',
}

function done(english: string): string {
  return DONE[english] ?? '访问'
}

const ADDRESS = '\\(address (-?0x[0-9a-f]+)\\)'
const PLACE = '\\((?:(.+), )?address (-?0x[0-9a-f]+)\\)'
const ACCESS = '(read of|write to|use of|access to)'

function where(name: string, address: string): string {
  return name === '' ? `（地址 ${address}）` : `（${name}，地址 ${address}）`
}

const NULL_OFFSETS: Readonly<Record<string, string>> = {
  'a negative offset': '偏移为负',
  'a large offset': '偏移较大',
}

const MEMORY: readonly Phrase[] = [
  [/^(read of|write to|use of|access to) a null pointer$/, access => `${done(access ?? '')}空指针`],
  [
    new RegExp(
      `^${ACCESS} a null pointer \\((?:(a negative offset|a large offset), )?address (-?0x[0-9a-f]+)\\)$`,
    ),
    (access = '', offset = '', address = '') => {
      const how = NULL_OFFSETS[offset]
      return `${done(access)}空指针（地址 ${address}${how === undefined ? '' : `，${how}`}）`
    },
  ],
  [/^call through a null pointer$/, '调用空函数指针'],
  [
    new RegExp(`^call through a null pointer, or return to an overwritten address ${ADDRESS}$`),
    '调用空函数指针，或返回地址被踩坏（地址 $1）',
  ],
  [
    /^call through a wild pointer, or return to an overwritten address \(no code at address (0x[0-9a-f]+)\)$/,
    '调用野指针，或返回地址被踩坏（地址 $1 处没有代码）',
  ],
  [new RegExp(`^use of a corrupt stack pointer ${ADDRESS}$`), '栈指针已损坏（地址 $1）'],
  [/^call through a corrupt pointer \(no valid address\)$/, '调用已损坏的函数指针（不是有效地址）'],
  [
    /^call through a corrupt pointer, or return over an overwritten stack$/,
    '函数指针已损坏，或返回地址被踩坏',
  ],
  [
    new RegExp(`^jump to memory that is no code ${PLACE}$`),
    (name = '', address = '') => `跳转到不可执行的内存${where(name, address)}`,
  ],
  [/^jump to memory that is no code$/, '跳转到不可执行的内存'],
  [/^return to a corrupt address \(the stack was overwritten\)$/, '返回地址已损坏（栈被踩坏）'],
  [/^return or jump to where none may lead \(.*\)$/, '返回或跳转到不允许的位置（栈或指针被踩坏）'],
  [
    /^the kernel could not deliver or end a signal \(.*\)$/,
    '内核无法投递信号，或无法从信号处理函数返回（栈已满或被踩坏）',
  ],
  [/^use of a corrupt stack or frame pointer \(no valid address\)$/, '栈指针或帧指针已损坏（不是有效地址）'],
  [
    /^(use of|read through|write through) a misaligned or corrupt pointer$/,
    access => `通过未对齐或已损坏的指针${done(access ?? '')}内存`,
  ],
  [
    /^(use of|read through|write through) a corrupt pointer \(no valid address\)$/,
    access => `通过已损坏的指针${done(access ?? '')}内存（不是有效地址）`,
  ],
  [/^access outside of the bounds of a pointer$/, '指针越界访问'],
  [/^access that a memory protection key forbids$/, '访问被内存保护键（pkey）禁止'],
  [/^access through a pointer with a wrong memory tag(?: \(.*\))?$/, '内存标签（MTE）不匹配：已释放或越界'],
  [/^access to memory that the process may not access$/, '访问了无权访问的内存'],
  [
    new RegExp(`^write to read-only memory ${PLACE}$`),
    (name = '', address = '') => `写只读内存${where(name, address)}`,
  ],
  [/^write to read-only memory$/, '写只读内存'],
  [
    new RegExp(`^${ACCESS} memory without any access rights ${PLACE}$`),
    (access = '', name = '', address = '') => `${done(access)}没有任何访问权限的内存${where(name, address)}`,
  ],
  [
    new RegExp(`^${ACCESS} protected memory ${PLACE}$`),
    (access = '', name = '', address = '') => `${done(access)}受保护的内存${where(name, address)}`,
  ],
  [
    new RegExp(`^${ACCESS} an address of the kernel ${ADDRESS}$`),
    (access = '', address = '') => `${done(access)}内核地址 ${address}`,
  ],
  [
    new RegExp(`^${ACCESS} an address where nothing is mapped ${ADDRESS}$`),
    (access = '', address = '') => `${done(access)}未映射的地址 ${address}`,
  ],
  [
    new RegExp(`^${ACCESS} memory just past the end of (.+) ${ADDRESS}$`),
    (access = '', name = '', address = '') =>
      `${done(access)}越界，超出 ${nameOf(name)} 的末尾（地址 ${address}）`,
  ],
  [/^stack overflow \(the stack of (.+) is full\)$/, '栈溢出（$1 的栈已用完）'],
  [/^stack overflow \(one function takes more than is left\)$/, '栈溢出（单个函数需要的栈超过剩余空间）'],
  [/^stack overflow$/, '栈溢出'],
  [/^misaligned access$/, '未对齐访问'],
  [new RegExp(`^misaligned access ${ADDRESS}$`), '未对齐访问（地址 $1）'],
  [/^misaligned access, or access to memory that cannot be had$/, '未对齐访问，或访问了无法分配的内存'],
  [new RegExp(`^memory of the machine is damaged ${ADDRESS}$`), '机器内存故障（地址 $1）'],
  [/^memory of the machine is damaged$/, '机器内存故障'],
  [
    /^(read of|write to|access to) a page of (.+) that is not there \(.*\)$/,
    (access = '', name = '') => `${done(access)} ${name} 中不存在的页（文件被截断，或磁盘已满、故障）`,
  ],
  [/^access to a mapped file behind its end$/, '访问映射文件时超出文件末尾'],
  [
    new RegExp(`^${ACCESS} memory that cannot be had ${ADDRESS}$`),
    (access = '', address = '') => `${done(access)}无法分配的内存（地址 ${address}）`,
  ],
]

function nameOf(name: string): string {
  return name === 'anonymous memory' ? '匿名内存' : name
}

const PROCESSOR: readonly Phrase[] = [
  [/^(?:integer )?division by zero$/, '除以零'],
  [/^integer division by zero \(or with a result too large\)$/, '整数除以零（或结果溢出）'],
  [/^floating-point division by zero$/, '浮点数除以零'],
  [/^integer overflow$/, '整数溢出'],
  [/^floating-point overflow$/, '浮点上溢'],
  [/^floating-point underflow$/, '浮点下溢'],
  [/^inexact floating-point result$/, '浮点结果不精确'],
  [/^invalid floating-point operation$/, '无效的浮点运算'],
  [/^subscript out of range$/, '下标越界'],
  [/^arithmetic error$/, '算术错误'],
  [
    /^illegal instruction on purpose \((.+): a failed check, or code that must not be reached\)$/,
    '编译器插入的非法指令（$1：检查失败，或执行到了不该到达的代码）',
  ],
  [
    /^illegal instruction \(of (.+), which this processor may not have\)$/,
    '非法指令（$1 指令，本机 CPU 可能不支持）',
  ],
  [
    /^return or jump by a pointer with a wrong signature \(the stack or the pointer was overwritten\)$/,
    '按签名不对的指针返回或跳转（栈或指针已被改写）',
  ],
  [
    /^std::terminate\(\) was called though nothing was thrown \(as when a std::thread is destroyed that was not joined\)$/,
    '没有抛出异常，却调用了 std::terminate()（例如销毁了未 join 的 std::thread）',
  ],
  [/^illegal instruction \(bytes (.+)\)$/, '非法指令（字节 $1）'],
  [/^illegal instruction$/, '非法指令'],
  [/^privileged instruction, which no process may execute$/, '特权指令，用户态进程不能执行'],
  [/^trap instruction \((.+): a failed check\)$/, '陷阱指令（$1：检查失败）'],
  [/^trap instruction \((.+): a failed check, or a breakpoint\)$/, '陷阱指令（$1：检查失败或断点）'],
  [/^trap instruction \(a failed check, or a breakpoint\)$/, '陷阱指令（检查失败或断点）'],
  [/^trap instruction \(a failed check\)$/, '陷阱指令（检查失败）'],
  [/^single step of a debugger that is not there$/, '单步调试陷阱，但没有调试器'],
  [/^hardware breakpoint of a debugger that is not there$/, '硬件断点，但没有调试器'],
  [/^system call (-?\d+) refused by a seccomp filter$/, '系统调用 $1 被 seccomp 拒绝'],
  [/^system call (-?\d+) that the program itself wanted stopped$/, '系统调用 $1 被程序自己设置的拦截阻止'],
  [/^system call that the program itself wanted stopped$/, '系统调用被程序自己设置的拦截阻止'],
  [/^system call refused by a seccomp filter$/, '系统调用被 seccomp 拒绝'],
  [/^a system call that the process may not make$/, '系统调用被禁止'],
]

const SIGNALS: readonly Phrase[] = [
  [
    /^(.+) sent by process (\d+) \((.+)\)$/,
    (signal = '', pid = '', who = '') => `收到进程 ${pid}（${commas(who)}）发来的 ${signal}`,
  ],
  [/^(.+) sent by process (\d+)$/, '收到进程 $2 发来的 $1'],
  [
    /^(.+) sent from outside of its container \((.+)\)$/,
    (signal = '', who = '') => `收到容器外部（${commas(who)}）发来的 ${signal}`,
  ],
  [/^(.+) sent from outside of its container$/, '收到容器外部发来的 $1'],
  [/^ended by a signal from another process$/, '被其他进程的信号终止'],
  [/^SIGQUIT from its terminal \(Ctrl-\\\)$/, '收到终端的 SIGQUIT（Ctrl-\\）'],
  [/^used more CPU time than its limit allows \(RLIMIT_CPU or RLIMIT_RTTIME\)$/, KINDS['cpu-limit']],
  [/^wrote a file beyond the limit of its size \(RLIMIT_FSIZE\)$/, KINDS['file-size-limit']],
  [
    /^(.+) raised by the program itself, maybe after its handler had caught another$/,
    '程序自己触发了 $1，可能是它的信号处理函数捕获其他信号之后',
  ],
  [/^raised by the program itself$/, '程序自己触发的信号'],
  [/^(.+) raised by the program itself$/, '程序自己触发了 $1'],
  [/^ended by a timer of the program$/, '被程序自己的定时器终止'],
  [/^(.+) sent by a timer of the program$/, '程序的定时器发出了 $1'],
  [/^(.+) sent with code (-?\d+)$/, '收到 $1（si_code $2）'],
  [/^ended by (.+)$/, '因 $1 终止'],
]

function commas(english: string): string {
  return english.replaceAll(', ', '，')
}

const GIVEN_UP: readonly Phrase[] = [
  [/^aborted by the program itself$/, '程序自己调用了 abort()'],
  [
    /^abort\(\) of the container's first process, which the kernel shows as (.+)$/,
    '容器的 1 号进程调用了 abort()，内核显示为 $1',
  ],
  [
    /^abort\(\) or a failed check of heap or stack of the container's first process, which the kernel shows as (.+)$/,
    '容器的 1 号进程调用了 abort()，或堆、栈检查失败，内核显示为 $1',
  ],
  [/^Assertion `(.+)' failed in (.+) \((.+)\)$/, '断言失败：$1（$2，$3）'],
  [/^Assertion `(.+)' failed \((.+)\)$/, '断言失败：$1（$2）'],
  [/^a function wrote past the end of a local buffer \((.+)\)$/, '栈上的缓冲区写越界（$1）'],
  [/^a function wrote past the end of a local buffer$/, '栈上的缓冲区写越界'],
  [/^a function of libc was about to write past the end of a buffer \((.+)\)$/, 'libc 函数将要写越界（$1）'],
  [/^memory was freed twice \((.+)\)$/, '重复释放（$1）'],
  [/^what was freed is no memory of malloc\(\) \((.+)\)$/, '释放了不是 malloc() 分配的内存（$1）'],
  [
    /^memory of malloc\(\) was overwritten, earlier and maybe elsewhere \((.+)\)$/,
    '堆被踩坏，可能是更早的、别处的代码写坏的（$1）',
  ],
  [
    /^memory of malloc\(\) was overwritten or freed twice \(found in (.+)\)$/,
    '堆被踩坏或重复释放（在 $1 中发现）',
  ],
  [/^aborted: (.+)$/, '程序中止：$1'],
  [/^uncaught C\+\+ exception (.+)$/, '未捕获的 C++ 异常 $1'],
  [/^an exception that nothing caught$/, '未捕获的异常'],
  [/^Go panic: (.+)$/, 'Go panic：$1'],
  [/^a panic that nothing caught$/, '未恢复的 panic'],
  [
    /^a virtual function was called of an object that was being built, or was destroyed already$/,
    '在对象构造或析构期间调用了纯虚函数',
  ],
  [/^the heap of JavaScript is full \((--[\w-]+) is its limit\)$/, 'JavaScript 堆已满（上限为 $1）'],
  [/^process\.abort\(\) was called$/, '程序调用了 process.abort()'],
  [/^uncaught exception of JavaScript$/, '未捕获的 JavaScript 异常'],
  [/^a check of V8 itself failed$/, 'V8 自身的检查失败'],
  [/^Rust panic while another one was being handled$/, 'Rust panic：处理一个 panic 时又发生 panic'],
  [
    /^Rust panic in a function that may not unwind, such as one that C calls$/,
    'Rust panic：发生在不允许 unwind 的函数里（例如被 C 调用的函数）',
  ],
  [/^Rust panic: index out of bounds$/, 'Rust panic：数组下标越界'],
  [/^Rust panic: index out of bounds \(([^()]+)\)$/, 'Rust panic：数组下标越界（$1）'],
  [
    /^Rust panic: unwrap\(\) or expect\(\) of None or of an error$/,
    'Rust panic：对 None 或 Err 调用了 unwrap() 或 expect()',
  ],
  [
    /^Rust panic: unwrap\(\) or expect\(\) of None or of an error \(([^()]+)\)$/,
    'Rust panic：对 None 或 Err 调用了 unwrap() 或 expect()（$1）',
  ],
  [/^Rust panic: (.+) \(([^()]+)\)$/, 'Rust panic：$1（$2）'],
  [/^Rust panic \((.+)\)$/, 'Rust panic（$1）'],
  [/^Rust panic$/, 'Rust panic'],
]

/** A reason with another one in it. */
const COMPOSED: readonly Phrase[] = [
  [
    /^(.+), caught by the program's handler, which raised it again$/,
    (what = '') => `${inZh(what)}；信号处理函数捕获后重新触发`,
  ],
  [
    /^(.+), caught by the program's handler, which raised (SIG\w+)$/,
    (what = '', signal = '') => `${inZh(what)}；信号处理函数捕获后触发了 ${signal}`,
  ],
  [
    /^(.+), caught by the program's handler, which called abort\(\)$/,
    (what = '') => `${inZh(what)}；信号处理函数捕获后调用了 abort()`,
  ],
  [
    /^(.+), caught by the program's handler, which failed in its turn: (.+)$/,
    (what = '', then = '') => `${inZh(what)}；信号处理函数捕获后自己又出错：${inZh(then)}`,
  ],
  [
    /^(.+), in the program's handler of (SIG\w+): (.+)$/,
    (then = '', signal = '', what = '') => `${inZh(then)}，发生在 ${signal} 的信号处理函数中：${inZh(what)}`,
  ],
  [/^(SIG[A-Z]+): (.+)$/, (signal = '', what = '') => `${signal}：${inZh(what)}`],
]

const ALL: readonly Phrase[] = [...COMPOSED, ...MEMORY, ...PROCESSOR, ...GIVEN_UP, ...SIGNALS]

function inZh(english: string): string {
  return byPhrases(english, ALL) ?? english
}

/** Why it crashed, in Chinese; of a sentence that is not known here, its kind, and the sentence as it is. */
export function reasonInZh(sentence: string, code: string | undefined): string {
  const known = byPhrases(sentence, ALL)
  if (known !== null) return known
  return isKind(code) ? `${KINDS[code]}：${sentence}` : sentence
}

function isKind(code: string | undefined): code is ReasonCode {
  return code !== undefined && Object.hasOwn(KINDS, code)
}
