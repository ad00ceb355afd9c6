// One bug of Go for each word that it is called with.
package main

import (
	"os"
	"runtime/debug"
	"sort"
)

type order struct{ total int }

type priced interface{ price() int }

//go:noinline
func (o *order) price() int { return o.total + 1 }

//go:noinline
func total(p priced) int { return p.price() + 1 }

//go:noinline
func deeper(depth int) int { return deeper(depth+1) + depth }

//go:noinline
func give(word string) { panic("no such cart: " + word) }

func serve(done chan int, work func() int) { done <- work() }

func main() {
	word := os.Args[1]
	done := make(chan int)
	switch word {
	case "panic":
		give(word)
	case "nil":
		go serve(done, func() int { return total((*order)(nil)) })
	case "index":
		go serve(done, func() int { return []int{1}[len(word)] })
	case "deep":
		debug.SetMaxStack(1 << 20)
		go serve(done, func() int { return deeper(0) })
	case "sort":
		some := []int{3, 1, 2}
		sort.Slice(some, func(a, b int) bool { return total((*order)(nil)) < some[a] })
	}
	<-done
}
