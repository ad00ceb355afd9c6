import { work } from './work.cjs'

class Cart {
  total(count) {
    return inner(count)
  }
}

function inner(count) {
  work(count)
  return count
}

new Cart().total(3)
