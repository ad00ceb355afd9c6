// One bug of Rust for each word that it is called with.
use std::collections::HashMap;
use std::hint::black_box;

mod shop {
    use super::*;

    #[inline(never)]
    pub fn price(prices: &[u32], index: usize) -> u32 {
        prices[index]
    }

    #[inline(never)]
    pub fn read(at: *const u32) -> u32 {
        unsafe { std::ptr::read_volatile(at) }
    }

    #[inline(never)]
    pub fn add(left: i32, right: i32) -> i32 {
        left.checked_add(right).expect("a sum that fits")
    }

    pub trait Priced {
        fn price(&self) -> u32;
    }

    pub struct Book(pub usize);

    impl Priced for Book {
        #[inline(never)]
        fn price(&self) -> u32 {
            read(self.0 as *const u32)
        }
    }

    pub struct Guard;

    impl Drop for Guard {
        #[inline(never)]
        fn drop(&mut self) {
            black_box(read(0x10 as *const u32));
        }
    }
}

#[inline(never)]
fn bug(word: &str) -> u32 {
    match word {
        "index" => shop::price(&[1, 2, 3], black_box(7)),
        "unsafe" => shop::read(black_box(0x20) as *const u32),
        "overflow" => shop::add(black_box(i32::MAX), 1) as u32,
        "trait" => {
            let priced: Box<dyn shop::Priced> = Box::new(shop::Book(black_box(0x30)));
            priced.price()
        }
        "drop" => {
            drop(black_box(shop::Guard));
            1
        }
        "closure" => {
            let ages = HashMap::from([("a", 1u32)]);
            ages.values().map(|age| shop::read(black_box(*age as usize * 8) as *const u32)).sum()
        }
        "words" => panic!("the balance is {}", black_box(-12)),
        "thread" => std::thread::spawn(|| None::<u32>.unwrap()).join().unwrap(),
        _ => 0,
    }
}

fn main() {
    let word = std::env::args().nth(1).unwrap_or_default();
    println!("{}", bug(&word));
}
