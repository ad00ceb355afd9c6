// A bug in C that Go calls, and one in Go that C calls.
package main

/*
__attribute__((noinline)) static int read_it(int *at) { return *at + 1; }
static int in_c(long at) { return read_it((int *)at) + 1; }
*/
import "C"

import "os"

//go:noinline
func callC(at int) int { return int(C.in_c(C.long(at))) + 1 }

func main() { os.Exit(callC(len(os.Args) * 8)) }
