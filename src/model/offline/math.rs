//! Powers and random numbers that come out the same on every machine: only the operations that
//! IEEE 754 defines to the last bit are used, where the platform's own library may differ.

use std::f64::consts::{LN_2, SQRT_2};

/// `x` to the power of `y`, for `x` in [0, 1] and `y` > 0, with a relative error below 1e-12 for
/// results that are not vanishingly small. Anything else than such an `x` gives 0.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    if x >= 1.0 {
        return 1.0;
    }
    if x < f64::MIN_POSITIVE || x.is_nan() {
        return 0.0;
    }
    exp2(log2(x) * y)
}

/// Base-2 logarithm of a positive, normal `x`.
pub(super) fn log2(x: f64) -> f64 {
    let bits = x.to_bits();
    let mut exponent = f64::from(((bits >> 52) & 0x7ff) as u32) - 1023.0;
    let mut mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    if mantissa > SQRT_2 {
        mantissa *= 0.5;
        exponent += 1.0;
    }
    // ln m = 2 artanh((m - 1) / (m + 1)), and the argument stays below 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for n in (1..=19).rev().step_by(2) {
        sum = sum * square + 1.0 / f64::from(n);
    }
    exponent + 2.0 * s * sum / LN_2
}

/// 2 to the power of `y`, for `y` <= 0; 0 below the smallest normal number.
fn exp2(y: f64) -> f64 {
    if y < -1021.0 || y.is_nan() {
        return 0.0;
    }
    let whole = (y + 0.5).floor();
    let x = (y - whole) * LN_2;
    let mut sum = 1.0;
    for n in (1..=14).rev() {
        sum = 1.0 + sum * x / f64::from(n);
    }
    // `whole` is between -1021 and 0, so the exponent is that of a normal number.
    sum * f64::from_bits(((whole + 1023.0) as u64) << 52)
}

/// A stream of random numbers: `SplitMix64` (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in [0, 1), with 53 random bits.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    proptest! {
        #[test]
        fn powers_agree_with_the_platform(x in 1e-9..1.0_f64, y in 0.05..20.0_f64) {
            let expected = x.powf(y);
            prop_assert!((pow(x, y) - expected).abs() <= 1e-11 * expected);
        }

        #[test]
        fn powers_stay_in_range(x: f64, y in 1e-45..1e300_f64) {
            let power = pow(x, y);
            prop_assert!((0.0..=1.0).contains(&power));
        }
    }

    #[test]
    fn the_random_numbers_are_those_of_the_paper() {
        let mut rng = Rng::new(1_234_567);
        let numbers: Vec<u64> = (0..3).map(|_| rng.next()).collect();
        let expected =
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn units_fill_the_interval() {
        let mut rng = Rng::new(0);
        let units: Vec<f64> = (0..10_000).map(|_| rng.unit()).collect();
        assert!(units.iter().all(|u| (0.0..1.0).contains(u)));
        let mean = units.iter().sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
    }
}
