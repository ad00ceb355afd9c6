// A panic of Go, a few functions deep.
package main

type order struct{ items []string }

//go:noinline
func (o *order) third() string { return o.items[len(o.items)+2] }

//go:noinline
func serve(o *order) string { return o.third() }

func main() { println(serve(&order{items: []string{"tea"}})) }
