function hot(number) {
  return [number].map(one => one + 1)[0]
}

// As often as it takes to be compiled.
function warm() {
  let sum = 0
  for (let number = 0; number < 1e6; number += 1) sum += hot(number)
  return sum
}

exports.work = function work() {
  ;[warm()].forEach(function each() {
    process.abort()
  })
}
