// Hundreds of thousands of live objects, then a line on stdout.
const customers = []
const byId = new Map()
for (let id = 0; id < 300_000; id += 1) {
  const customer = {
    id,
    name: `customer ${id % 5000}`,
    since: new Date(1.7e12 + id * 1000),
    basket: [id % 7, id % 11, id % 13],
    address: { street: `${id % 300} Harbour Street`, city: ['Lisbon', 'Tallinn', 'Osaka'][id % 3] },
    score: Math.sin(id),
  }
  customers.push(customer)
  byId.set(`c-${id}`, customer)
}
process.stdout.write('ready\n')
setInterval(() => customers.length + byId.size, 1000)
