//! Which answers of the manual have to do with what was said: words in common, rare ones counting
//! more, as in the BM25 ranking (Robertson and Zaragoza, 2009).

use std::collections::{BTreeMap, BTreeSet};

use super::corpus::{ELSE, Section};
use super::math::log2;

/// A word in the heading counts this many times as much as one in the answer.
const HEADING: f64 = 3.0;
/// What is left of an answer that has nothing to do with the topic.
const FLOOR: f64 = 0.01;
/// Less than this counts as nothing: many faint likenesses would outweigh a good one.
const FAINT: f64 = 0.06;

/// How much a word that is not in the manual counts, compared with a rare one that is.
const UNKNOWN: f64 = 0.6;

/// For every word of the manual, where it stands.
#[derive(Debug)]
pub(super) struct Topics {
    /// Hashes of word stems, ascending.
    words: Vec<u64>,
    /// Where the entries of each word begin, and where the last ones end.
    starts: Vec<u32>,
    /// Number of an answer and the word's weight in it.
    entries: Vec<(u16, f32)>,
    /// Whether an answer is for when nothing fits.
    fallback: Vec<bool>,
}

/// How much each answer counts, in [0, 1], and 1 for the best.
pub(super) type Weights = Vec<f32>;

impl Topics {
    pub(super) fn of(sections: &[Section]) -> Self {
        let mut postings: BTreeMap<u64, Vec<(u16, f32)>> = BTreeMap::new();
        for (number, section) in sections.iter().enumerate() {
            let number = u16::try_from(number).unwrap_or(u16::MAX);
            for (word, weight) in word_weights(section) {
                postings.entry(word).or_default().push((number, weight));
            }
        }
        let (mut words, mut starts, mut entries) = (Vec::new(), vec![0], Vec::new());
        for (word, posting) in postings {
            words.push(word);
            entries.extend(posting);
            starts.push(entries.len() as u32);
        }
        let fallback = sections.iter().map(|section| section.heading == ELSE).collect();
        Self { words, starts, entries, fallback }
    }

    /// How much memory this takes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.words.capacity() * 12 + self.entries.capacity() * size_of::<(u16, f32)>()
    }

    /// Weighs the answers by `texts`, each with its importance; the first should be the question.
    pub(super) fn weigh(&self, texts: &[(&str, f64)]) -> Weights {
        let mut scores = vec![0.0; self.fallback.len()];
        let mut covered = 0.0;
        for (n, (text, importance)) in texts.iter().enumerate() {
            let coverage = self.score(text, *importance, &mut scores);
            if n == 0 {
                covered = coverage;
            }
        }
        let best = scores.iter().copied().fold(0.0, f64::max);
        // Where most of the question is unknown, the answers for that case compete.
        let unknown = (1.0 - 1.6 * covered).max(0.0);
        let weight = |(&score, &fallback): (&f64, &bool)| {
            let ratio = if best > 0.0 { score / best } else { 0.0 };
            let fitting = ratio * ratio * ratio * (1.0 - unknown);
            let fitting = if fitting < FAINT { 0.0 } else { fitting };
            let weight = if fallback { unknown.max(fitting) } else { fitting };
            weight.max(FLOOR) as f32
        };
        let mut weights: Weights = scores.iter().zip(&self.fallback).map(weight).collect();
        let most = weights.iter().copied().fold(0.0, f32::max);
        if most > 0.0 {
            weights.iter_mut().for_each(|weight| *weight /= most);
        }
        weights
    }

    /// Adds to `scores`; returns which part of the text's meaning is known, in [0, 1].
    fn score(&self, text: &str, importance: f64, scores: &mut [f64]) -> f64 {
        let documents = scores.len() as f64;
        let (mut known, mut total) = (0.0, 0.0);
        let words: BTreeSet<u64> = words(text).collect();
        for word in words {
            let entries = self.entries_of(word);
            let rarity = log2(1.0 + documents / (0.5 + entries.len() as f64));
            if entries.is_empty() {
                total += UNKNOWN * rarity * rarity;
                continue;
            }
            total += rarity * rarity;
            known += rarity * rarity;
            for &(number, weight) in entries {
                scores[usize::from(number)] += importance * rarity * rarity * f64::from(weight);
            }
        }
        if total > 0.0 { known / total } else { 0.0 }
    }

    fn entries_of(&self, word: u64) -> &[(u16, f32)] {
        let Ok(at) = self.words.binary_search(&word) else { return &[] };
        &self.entries[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// Every word of an answer with its weight there: more when it comes often, less in a long answer.
fn word_weights(section: &Section) -> BTreeMap<u64, f32> {
    let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
    let mut length = 0.0;
    for word in words(section.body) {
        *counts.entry(word).or_default() += 1.0;
        length += 1.0;
    }
    let norm = 0.5 + length / 120.0;
    for count in counts.values_mut() {
        *count /= *count + norm;
    }
    let heading: BTreeSet<u64> = words(section.heading).collect();
    // A long heading lists several questions, of which only one will be asked.
    let share = HEADING / (1.0 + heading.len() as f64 / 12.0);
    for word in heading {
        *counts.entry(word).or_default() += share;
    }
    counts.into_iter().map(|(word, weight)| (word, weight as f32)).collect()
}

/// Hashes of the stems of the words in `text`.
fn words(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        let lower = word.to_lowercase();
        hash(stem(&lower))
    })
}

/// The word without its commonest English endings.
fn stem(word: &str) -> &str {
    for ending in ["ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "e", "y"]
    {
        if let Some(stem) = word.strip_suffix(ending)
            && stem.chars().count() >= 3
        {
            return stem;
        }
    }
    word
}

/// FNV-1a.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: &[Section] = &[
        Section { heading: "How do I resample?", body: "Press r on an answer." },
        Section { heading: "What is entropy?", body: "A measure of what is not known." },
        Section { heading: "What is a star?", body: "A ball of gas that shines by fusion." },
        Section { heading: ELSE, body: "I do not know that." },
    ];

    fn best(texts: &[(&str, f64)]) -> usize {
        let weights = Topics::of(SECTIONS).weigh(texts);
        assert!(weights.iter().all(|w| (0.0..=1.0).contains(w)), "{weights:?}");
        (0..weights.len()).max_by(|&a, &b| weights[a].total_cmp(&weights[b])).unwrap()
    }

    #[test]
    fn the_answer_with_the_rare_words_wins() {
        assert_eq!(best(&[("what about resampling?", 1.0)]), 0);
        assert_eq!(best(&[("What is ENTROPY", 1.0)]), 1);
        assert_eq!(best(&[("the shining of stars", 1.0)]), 2);
    }

    #[test]
    fn an_unknown_question_gets_the_answer_for_it() {
        assert_eq!(best(&[("qwertz uiop", 1.0)]), 3);
        assert_eq!(best(&[("", 1.0)]), 3);
        assert_eq!(best(&[]), 3);
    }

    #[test]
    fn earlier_messages_count_less() {
        assert_eq!(best(&[("entropy", 1.0), ("stars, fusion, gas", 0.1)]), 1);
    }

    #[test]
    fn nothing_to_weigh_is_no_trouble() {
        assert!(Topics::of(&[]).weigh(&[("a", 1.0)]).is_empty());
    }
}
