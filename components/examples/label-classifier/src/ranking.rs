//! From the network's numbers to the best labels, as the host does it.

/// The classes of ImageNet-1k in the order of the network's output, one a line.
const LABELS: &str = include_str!("../../../../models/imagenet-labels.txt");

/// The `count` most probable labels and their probabilities, best first, of the bytes of a tensor of logits.
pub(crate) fn best(data: &[u8], count: usize) -> Result<Vec<(&'static str, f32)>, String> {
    let (values, _) = data.as_chunks();
    let logits: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let names: Vec<&str> = LABELS.lines().collect();
    if logits.len() != names.len() {
        return Err(format!("{} logits instead of {}", logits.len(), names.len()));
    }
    if logits.iter().any(|logit| !logit.is_finite()) {
        return Err("a logit that is not finite".to_owned());
    }
    let mut ranked: Vec<(&str, f32)> = names.into_iter().zip(softmax(&logits)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.truncate(count);
    Ok(ranked)
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    // Subtracting the largest keeps the exponentials finite.
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    exponentials.into_iter().map(|value| value / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(logits: &[f32]) -> Vec<u8> {
        logits.iter().flat_map(|logit| logit.to_le_bytes()).collect()
    }

    #[test]
    fn the_best_come_first_with_their_probabilities() {
        let mut logits = [-1000.0; 1000];
        logits[2] = 1.0;
        logits[1] = 1.0 + 3f32.ln();
        let best = best(&bytes(&logits), 2).unwrap_or_default();
        assert!(matches!(
            best[..],
            [("goldfish", first), ("great white shark", second)]
                if (first - 0.75).abs() < 1e-6 && (second - 0.25).abs() < 1e-6
        ));
    }

    #[test]
    fn what_is_no_classification_is_refused() {
        assert!(best(&bytes(&[0.0; 999]), 1).is_err());
        assert!(best(&bytes(&[f32::NAN; 1000]), 1).is_err());
        assert!(best(&[], 1).is_err());
    }

    #[test]
    fn every_label_can_be_a_tag() {
        for label in LABELS.lines() {
            assert!((1..=64).contains(&label.chars().count()), "{label}");
            assert_eq!(label, label.to_lowercase());
        }
    }
}
