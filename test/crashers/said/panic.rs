// A panic of Rust that ends the process.
#[inline(never)]
fn price(items: &[u32], at: usize) -> u32 {
    *items.get(at).expect("the cart has such an item")
}

#[inline(never)]
fn serve(items: &[u32]) -> u32 {
    price(items, items.len())
}

fn main() {
    println!("{}", serve(&[3, 4]));
}
