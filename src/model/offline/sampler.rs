//! From a probability for every token to one of them: temperature, nucleus, the likeliest few.

use std::cmp::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::math::{Rng, pow};
use super::tokenizer::{END, Id, Vocabulary};

/// Tables kept for temperatures that were used before.
const TABLES: usize = 4;

/// How likely each token is where nothing is known of the history.
#[derive(Debug)]
pub(super) struct Base {
    probabilities: Vec<f64>,
    /// All tokens, the likeliest first.
    order: Vec<Id>,
    tables: Mutex<Vec<Arc<Table>>>,
}

/// The probabilities of a `Base` relative to the largest one, to a power.
#[derive(Debug)]
struct Table {
    power: f64,
    values: Vec<f64>,
    sum: f64,
}

impl Base {
    /// From all tokens of a text; every text of the vocabulary counts half a time more.
    pub(super) fn of(vocabulary: &Vocabulary, tokens: impl Iterator<Item = Id>) -> Self {
        let mut counts = vec![0.0; vocabulary.size()];
        let mut total = 0.0;
        for id in tokens {
            counts[id as usize] += 1.0;
            total += 1.0;
        }
        for (id, count) in counts.iter_mut().enumerate() {
            let id = id as Id;
            if id == END || vocabulary.holds(id) {
                *count += 0.5;
                total += 0.5;
            }
        }
        counts.iter_mut().for_each(|count| *count /= total);
        let mut order: Vec<Id> = (0..counts.len() as Id).collect();
        order.sort_by(|&a, &b| ranking(&(a, counts[a as usize]), &(b, counts[b as usize])));
        Self { probabilities: counts, order, tables: Mutex::default() }
    }

    /// No tokens at all: every probability must be among those seen.
    pub(super) fn empty() -> Self {
        Self { probabilities: Vec::new(), order: Vec::new(), tables: Mutex::default() }
    }

    pub(super) fn probability(&self, id: Id) -> f64 {
        self.probabilities.get(id as usize).copied().unwrap_or(0.0)
    }

    fn most(&self) -> f64 {
        self.order.first().map_or(0.0, |&id| self.probability(id))
    }

    fn table(&self, power: f64) -> Arc<Table> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = tables.iter().find(|table| table.power == power) {
            return table.clone();
        }
        let most = self.most();
        let values: Vec<f64> = self.probabilities.iter().map(|p| pow(p / most, power)).collect();
        let table = Arc::new(Table { power, sum: values.iter().sum(), values });
        if tables.len() == TABLES {
            tables.remove(0);
        }
        tables.push(table.clone());
        table
    }
}

/// A probability for every token: that in `seen`, else `rest` times that of the base.
#[derive(Debug, Clone, Default)]
pub(super) struct Distribution {
    /// Tokens and their probabilities; each token once.
    pub(super) seen: Vec<(Id, f64)>,
    /// See above; 0 if all tokens are in `seen`.
    pub(super) rest: f64,
}

impl Distribution {
    pub(super) fn probability(&self, base: &Base, id: Id) -> f64 {
        match self.seen.iter().find(|(seen, _)| *seen == id) {
            Some(&(_, p)) => p,
            None => self.rest * base.probability(id),
        }
    }

    /// The probability of every token, by number.
    pub(super) fn all(&self, base: &Base) -> Vec<f64> {
        let mut all: Vec<f64> = base.probabilities.iter().map(|p| p * self.rest).collect();
        for &(id, p) in &self.seen {
            all[id as usize] = p;
        }
        all
    }

    /// The `k` likeliest tokens, best first; of equals the one with the smaller number.
    /// Reorders `seen`.
    pub(super) fn best(&mut self, base: &Base, k: usize) -> Vec<(Id, f64)> {
        let k = k.min(self.seen.len().max(base.order.len()));
        if k == 0 {
            return Vec::new();
        }
        if k < self.seen.len() {
            self.seen.select_nth_unstable_by(k - 1, ranking);
        }
        let some = k.min(self.seen.len());
        self.seen[..some].sort_unstable_by(ranking);
        Ranked::new(self, base, some).take(k).collect()
    }
}

/// The likelier first, then the one with the smaller number.
fn ranking(a: &(Id, f64), b: &(Id, f64)) -> Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

/// The tokens of a distribution, the likeliest first, as far as `seen` is in that order.
struct Ranked<'a> {
    distribution: &'a Distribution,
    base: &'a Base,
    sorted: usize,
    next_seen: usize,
    next_base: usize,
}

impl<'a> Ranked<'a> {
    fn new(distribution: &'a Distribution, base: &'a Base, sorted: usize) -> Self {
        Self { distribution, base, sorted, next_seen: 0, next_base: 0 }
    }
}

impl Iterator for Ranked<'_> {
    type Item = (Id, f64);

    fn next(&mut self) -> Option<Self::Item> {
        let Distribution { seen, rest } = self.distribution;
        let best_seen = seen[..self.sorted].get(self.next_seen).copied();
        let candidates = if *rest > 0.0 { &self.base.order[self.next_base..] } else { &[] };
        for &id in candidates {
            let other = (id, rest * self.base.probability(id));
            if other.1 <= 0.0 || best_seen.is_some_and(|best| ranking(&best, &other).is_le()) {
                break;
            }
            self.next_base += 1;
            if seen.iter().all(|(seen, _)| *seen != id) {
                return Some(other);
            }
        }
        self.next_seen += usize::from(best_seen.is_some());
        best_seen
    }
}

/// How to choose.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    /// 1 divided by the temperature; `None`: always the likeliest token.
    power: Option<f64>,
    top_p: f64,
    rng: Rng,
}

impl Sampler {
    /// With a temperature of at least 0 and a `top_p` in [0, 1].
    pub(super) fn new(temperature: f32, top_p: f32, seed: u64) -> Self {
        let power = (temperature > 0.0).then(|| 1.0 / f64::from(temperature));
        Self { power, top_p: f64::from(top_p), rng: Rng::new(seed) }
    }

    /// Draws a token. The nucleus is that of the distribution after temperature. Reorders
    /// `distribution`. `None` only if there are no tokens at all.
    pub(super) fn draw(&mut self, distribution: &mut Distribution, base: &Base) -> Option<Id> {
        // One number for each token, so that equal seeds stay in step whatever the settings.
        let unit = self.rng.unit();
        let Some(power) = self.power else {
            return distribution.best(base, 1).first().map(|&(id, _)| id);
        };
        distribution.seen.sort_unstable_by(ranking);
        let most_seen = distribution.seen.first().map_or(0.0, |&(_, p)| p);
        let most = most_seen.max(distribution.rest * base.most());
        let ranked = || {
            Ranked::new(distribution, base, distribution.seen.len())
                .map(|(id, p)| (id, pow(p / most, power)))
        };
        let mut mass = total(power, most, distribution, base);
        if self.top_p < 1.0 {
            mass = nucleus(ranked().map(|(_, weight)| weight), mass * self.top_p);
        }
        pick(ranked(), unit * mass)
    }
}

/// The sum over all tokens of their probability relative to `most`, to the given power.
fn total(power: f64, most: f64, distribution: &Distribution, base: &Base) -> f64 {
    let seen: f64 = distribution.seen.iter().map(|&(_, p)| pow(p / most, power)).sum();
    if distribution.rest <= 0.0 {
        return seen;
    }
    let table = base.table(power);
    let hidden: f64 = distribution.seen.iter().map(|&(id, _)| table.values[id as usize]).sum();
    seen + pow(distribution.rest * base.most() / most, power) * (table.sum - hidden).max(0.0)
}

/// The sum of the first `weights` that together reach `goal`.
fn nucleus(weights: impl Iterator<Item = f64>, goal: f64) -> f64 {
    let mut sum = 0.0;
    for weight in weights {
        sum += weight;
        if sum >= goal {
            break;
        }
    }
    sum
}

/// The token at which the sum of the weights passes `target`; the last one, if none does.
fn pick(weights: impl Iterator<Item = (Id, f64)>, target: f64) -> Option<Id> {
    let mut sum = 0.0;
    let mut last = None;
    for (id, weight) in weights {
        if weight <= 0.0 {
            continue;
        }
        sum += weight;
        last = Some(id);
        if sum > target {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a` 0.5, `b` 0.3, and the rest over the base, in which `c` is the likeliest.
    fn example() -> (Vocabulary, Base, Distribution) {
        let vocabulary = Vocabulary::of([].iter());
        let id = |text| vocabulary.id(text).unwrap();
        let base = Base::of(&vocabulary, [id("c"); 30].into_iter());
        let hidden = base.probability(id("a")) + base.probability(id("b"));
        let rest = 0.2 / (1.0 - hidden);
        let distribution = Distribution { seen: vec![(id("b"), 0.3), (id("a"), 0.5)], rest };
        (vocabulary, base, distribution)
    }

    /// How often each of `texts` is drawn in 20,000 draws.
    fn shares<const N: usize>(texts: [&str; N], temperature: f32, top_p: f32) -> [f64; N] {
        let (vocabulary, base, mut distribution) = example();
        let mut sampler = Sampler::new(temperature, top_p, 7);
        let mut counts = [0.0; N];
        for _ in 0..20_000 {
            let id = sampler.draw(&mut distribution, &base).unwrap();
            for (count, text) in counts.iter_mut().zip(texts) {
                *count += f64::from(u8::from(vocabulary.text(id) == text)) / 20_000.0;
            }
        }
        counts
    }

    fn close<const N: usize>(found: [f64; N], expected: [f64; N]) {
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.012);
        assert!(near, "{found:?}, expected {expected:?}");
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let (vocabulary, base, distribution) = example();
        let c = distribution.probability(&base, vocabulary.id("c").unwrap());
        let d = distribution.probability(&base, vocabulary.id("d").unwrap());
        close(shares(["a", "b", "c", "d"], 1.0, 1.0), [0.5, 0.3, c, d]);
        let sum: f64 = distribution.all(&base).iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn temperature_is_a_power() {
        let (_, base, distribution) = example();
        for temperature in [0.5, 0.8, 2.0] {
            let power = 1.0 / f64::from(temperature);
            let sum: f64 = distribution.all(&base).iter().map(|p| p.powf(power)).sum();
            let expected = [0.5_f64.powf(power) / sum, 0.3_f64.powf(power) / sum];
            close(shares(["a", "b"], temperature, 1.0), expected);
        }
        close(shares(["a"], 0.0, 1.0), [1.0]);
        close(shares(["a"], 1e-30, 1.0), [1.0]);
    }

    #[test]
    fn the_nucleus_is_the_smallest_that_reaches_its_share() {
        close(shares(["a", "b"], 1.0, 0.0), [1.0, 0.0]);
        close(shares(["a", "b"], 1.0, 0.49), [1.0, 0.0]);
        close(shares(["a", "b"], 1.0, 0.7), [0.625, 0.375]);
        let found = shares(["a", "b", "c"], 1.0, 0.81);
        assert!(found[2] > 0.05 && (found.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn the_best_are_the_best_of_all() {
        let (_, base, mut distribution) = example();
        let all = distribution.all(&base);
        let mut expected: Vec<(Id, f64)> = (0..).zip(all).collect();
        expected.sort_by(ranking);
        for k in [0, 1, 2, 3, 10, 90] {
            assert_eq!(distribution.best(&base, k), expected[..k]);
        }
    }

    #[test]
    fn no_tokens_no_choice() {
        let mut nothing = Distribution::default();
        assert_eq!(Sampler::new(1.0, 1.0, 0).draw(&mut nothing, &Base::empty()), None);
    }
}
