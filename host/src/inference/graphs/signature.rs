//! What a graph takes and gives, and how a guest's tensors are held against it before anything runs.

use std::fmt;

use ort::value::{Outlet, TensorElementType, ValueType};
use wasmtime_wasi_nn::Tensor;
use wasmtime_wasi_nn::backend::{Id, NamedTensor};
use wasmtime_wasi_nn::wit::TensorType;

use super::elements;
use crate::inference::session::Bounds;

/// The inputs and outputs of a graph, in its order.
pub(in crate::inference) struct Signature {
    pub(super) inputs: Vec<Declared>,
    pub(super) outputs: Vec<Declared>,
    /// The most values of an input that leaves a dimension open.
    largest_input: usize,
}

/// One input or output as the graph declares it.
pub(super) struct Declared {
    pub(super) name: String,
    /// Its type, or what it is instead of a tensor that wasi-nn has a name for.
    pub(super) kind: Result<TensorType, String>,
    /// None where any size will do.
    dimensions: Vec<Option<u32>>,
}

impl Signature {
    pub(in crate::inference) fn of(inputs: &[Outlet], outputs: &[Outlet], bounds: Bounds) -> Self {
        let declared = |outlets: &[Outlet]| outlets.iter().map(Declared::of).collect();
        let mut inputs: Vec<Declared> = declared(inputs);
        // An image of a shape that the network was not made for would be its failure, and not the guest's.
        for input in &mut inputs {
            if let ([_, _, height @ None, width @ None], Some(_)) = (&mut input.dimensions[..], bounds.side) {
                (*height, *width) = (bounds.side, bounds.side);
            }
        }
        Self {
            inputs,
            outputs: declared(outputs),
            largest_input: bounds.values,
        }
    }

    /// Whether its one input and all its outputs leave the first dimension, which counts what goes in, open.
    pub(in crate::inference) fn takes_any_number(&self) -> bool {
        let is_open = |declared: &Declared| matches!(declared.dimensions[..], [None, ..]);
        self.inputs.len() == 1 && self.inputs.iter().chain(&self.outputs).all(is_open)
    }

    /// Which input is meant: by its name, by its index as a decimal number, or by an empty name where there is one.
    pub(super) fn input(&self, id: &Id) -> Result<usize, String> {
        find(&self.inputs, id)
            .ok_or_else(|| format!("it has no input {}; it has {}", Shown(id), names(&self.inputs)))
    }

    /// Which output is meant, in the same ways.
    pub(super) fn output(&self, id: &Id) -> Result<usize, String> {
        find(&self.outputs, id)
            .ok_or_else(|| format!("it has no output {}; it has {}", Shown(id), names(&self.outputs)))
    }

    /// The tensors in the graph's order, each checked; one for every input.
    pub(super) fn place(&self, given: Vec<NamedTensor>) -> Result<Vec<Tensor>, String> {
        let mut placed: Vec<Option<Tensor>> = self.inputs.iter().map(|_| None).collect();
        for NamedTensor { name, tensor } in given {
            let index = self.input(&Id::Name(name))?;
            self.check(index, &tensor)?;
            if placed[index].replace(tensor).is_some() {
                return Err(format!(
                    "input {:?} was given twice; give it once",
                    self.inputs[index].name
                ));
            }
        }
        self.complete(placed)
    }

    /// The tensors of all inputs, when none is missing.
    pub(super) fn complete<T>(&self, given: Vec<Option<T>>) -> Result<Vec<T>, String> {
        given
            .into_iter()
            .zip(&self.inputs)
            .map(|(tensor, declared)| {
                tensor.ok_or_else(|| format!("input {:?} is missing; add it", declared.name))
            })
            .collect()
    }

    /// Makes sure that a tensor is what an input wants, and that it has the values its dimensions claim.
    pub(super) fn check(&self, index: usize, tensor: &Tensor) -> Result<(), String> {
        let declared = &self.inputs[index];
        let refuse = |what: String| Err(format!("input {:?} {what}", declared.name));
        if declared.kind.as_ref() != Ok(&tensor.ty) {
            let given = elements::name(tensor.ty);
            return refuse(format!(
                "has values of type {given}; the type {} is needed",
                declared.kind_name()
            ));
        }
        let dimensions = &tensor.dimensions;
        let fits = dimensions.len() == declared.dimensions.len()
            && dimensions
                .iter()
                .zip(&declared.dimensions)
                .all(|(given, wanted)| wanted.is_none_or(|wanted| wanted == *given));
        if !fits {
            let wanted = declared.dimensions_name();
            return refuse(format!("has the dimensions {dimensions:?}; {wanted} are needed"));
        }
        if dimensions.contains(&0) {
            // Nothing that a network computes of no values is of use, and not every operator expects it.
            return refuse(format!(
                "is empty: its dimensions are {dimensions:?}; give at least one value"
            ));
        }
        // A product that has no usize is not the length of anything.
        let product = |start: usize| {
            dimensions.iter().try_fold(start, |product, dimension| {
                product.checked_mul(usize::try_from(*dimension).ok()?)
            })
        };
        if product(elements::size(tensor.ty)) != Some(tensor.data.len()) {
            return refuse(format!(
                "has {} bytes of data, which is not what {dimensions:?} values of {} bytes take",
                tensor.data.len(),
                elements::size(tensor.ty)
            ));
        }
        let open = declared.dimensions.contains(&None);
        if open && product(1).is_none_or(|values| values > self.largest_input) {
            return refuse(format!(
                "has more than the {} values that are allowed; give less at a time",
                self.largest_input
            ));
        }
        Ok(())
    }
}

impl Declared {
    fn of(outlet: &Outlet) -> Self {
        let (kind, dimensions) = match outlet.dtype() {
            ValueType::Tensor { ty, shape, .. } => (
                tensor_type(*ty).ok_or_else(|| format!("a tensor of {ty} values")),
                shape.iter().map(|size| u32::try_from(*size).ok()).collect(),
            ),
            other => (Err(other.to_string()), Vec::new()),
        };
        Self {
            name: outlet.name().to_owned(),
            kind,
            dimensions,
        }
    }

    fn kind_name(&self) -> &str {
        match &self.kind {
            Ok(ty) => elements::name(*ty),
            Err(other) => other,
        }
    }

    fn dimensions_name(&self) -> String {
        let sizes: Vec<String> = self
            .dimensions
            .iter()
            .map(|size| size.map_or_else(|| "any".to_owned(), |size| size.to_string()))
            .collect();
        format!("[{}]", sizes.join(", "))
    }
}

fn tensor_type(ty: TensorElementType) -> Option<TensorType> {
    Some(match ty {
        TensorElementType::Float16 => TensorType::Fp16,
        TensorElementType::Float32 => TensorType::Fp32,
        TensorElementType::Float64 => TensorType::Fp64,
        TensorElementType::Bfloat16 => TensorType::Bf16,
        TensorElementType::Uint8 => TensorType::U8,
        TensorElementType::Int32 => TensorType::I32,
        TensorElementType::Int64 => TensorType::I64,
        _ => return None,
    })
}

fn find(declared: &[Declared], id: &Id) -> Option<usize> {
    let name = match id {
        Id::Index(index) => {
            return usize::try_from(*index)
                .ok()
                .filter(|index| *index < declared.len());
        }
        Id::Name(name) => name,
    };
    let named = declared.iter().position(|one| one.name == *name);
    named.or_else(|| match name.as_str() {
        "" => (declared.len() == 1).then_some(0),
        // `parse` alone would take a sign, too.
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().filter(|index| *index < declared.len())
        }
        _ => None,
    })
}

fn names(declared: &[Declared]) -> String {
    let names: Vec<String> = declared.iter().map(|one| format!("{:?}", one.name)).collect();
    names.join(", ")
}

/// The longest part of a guest's name that is repeated to it.
const SHOWN_CHARS: usize = 100;

/// An identifier for an error message.
struct Shown<'a>(&'a Id);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Id::Index(index) => write!(formatter, "{index}"),
            Id::Name(name) => write!(
                formatter,
                "{:?}",
                name.chars().take(SHOWN_CHARS).collect::<String>()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn declared(name: &str, ty: TensorType, dimensions: &[Option<u32>]) -> Declared {
        Declared {
            name: name.to_owned(),
            kind: Ok(ty),
            dimensions: dimensions.to_vec(),
        }
    }

    /// `pixels` is of one size; `tokens` is as long as one likes, up to 64 values.
    fn signature() -> Signature {
        Signature {
            inputs: vec![
                declared("pixels", TensorType::Fp32, &[Some(1), Some(2)]),
                declared("tokens", TensorType::I64, &[Some(1), None]),
            ],
            outputs: vec![declared("scores", TensorType::Fp32, &[None])],
            largest_input: 64,
        }
    }

    fn tensor(ty: TensorType, dimensions: &[u32], bytes: usize) -> Tensor {
        Tensor::new(dimensions.to_vec(), ty, vec![0; bytes])
    }

    fn pixels() -> Tensor {
        tensor(TensorType::Fp32, &[1, 2], 8)
    }

    fn tokens() -> Tensor {
        tensor(TensorType::I64, &[1, 3], 24)
    }

    fn place(given: Vec<(&str, Tensor)>) -> Result<Vec<Tensor>, String> {
        signature().place(
            given
                .into_iter()
                .map(|(name, tensor)| NamedTensor {
                    name: name.to_owned(),
                    tensor,
                })
                .collect(),
        )
    }

    fn refusal(given: Vec<(&str, Tensor)>) -> String {
        place(given).err().unwrap_or_default()
    }

    #[test]
    fn inputs_come_in_any_order_by_name_or_index() {
        let expected = Ok(vec![pixels(), tokens()]);
        assert_eq!(place(vec![("tokens", tokens()), ("pixels", pixels())]), expected);
        assert_eq!(place(vec![("1", tokens()), ("0", pixels())]), expected);
        assert_eq!(place(vec![("pixels", pixels()), ("1", tokens())]), expected);
    }

    #[test]
    fn unknown_missing_and_repeated_inputs_are_refused() {
        for unknown in ["image", "2", "-1", "+1", "", "1.0", "18446744073709551616"] {
            let refused = refusal(vec![(unknown, pixels()), ("tokens", tokens())]);
            assert!(refused.contains("it has \"pixels\", \"tokens\""), "{refused}");
        }
        assert!(refusal(vec![(&"x".repeat(10_000), pixels())]).len() < 200);
        assert_eq!(
            refusal(vec![("pixels", pixels())]),
            "input \"tokens\" is missing; add it"
        );
        assert_eq!(refusal(vec![]), "input \"pixels\" is missing; add it");
        assert_eq!(
            refusal(vec![("pixels", pixels()), ("0", pixels()), ("tokens", tokens())]),
            "input \"pixels\" was given twice; give it once"
        );
    }

    #[test]
    fn the_only_one_needs_no_name() {
        let signature = signature();
        assert_eq!(signature.output(&Id::Name(String::new())), Ok(0));
        assert_eq!(signature.output(&Id::Index(0)), Ok(0));
        assert!(signature.output(&Id::Index(1)).is_err());
        assert!(signature.input(&Id::Name(String::new())).is_err());
    }

    #[test]
    fn other_types_and_dimensions_are_refused() {
        let refused = |tensor| refusal(vec![("pixels", tensor), ("tokens", tokens())]);
        assert_eq!(
            refused(tensor(TensorType::U8, &[1, 2], 2)),
            "input \"pixels\" has values of type U8; the type FP32 is needed"
        );
        assert_eq!(
            refused(tensor(TensorType::Fp32, &[2, 1], 8)),
            "input \"pixels\" has the dimensions [2, 1]; [1, 2] are needed"
        );
        assert!(refused(tensor(TensorType::Fp32, &[2], 8)).contains("[2]"));
        assert!(refused(tensor(TensorType::Fp32, &[], 4)).contains("[]"));
    }

    #[test]
    fn dimensions_that_lie_are_refused() {
        let refused = |tensor| refusal(vec![("pixels", pixels()), ("tokens", tensor)]);
        for bytes in [0, 16, 23, 25] {
            let refused = refused(tensor(TensorType::I64, &[1, 3], bytes));
            assert!(
                refused.contains(&format!("has {bytes} bytes of data")),
                "{refused}"
            );
        }
        assert!(refused(tensor(TensorType::I64, &[1, 0], 0)).contains("is empty"));
        assert!(refused(tensor(TensorType::I64, &[1, u32::MAX], 24)).contains("24 bytes"));
        assert!(refused(tensor(TensorType::I64, &[1, 65], 65 * 8)).contains("more than the 64 values"));
        assert!(
            place(vec![
                ("pixels", pixels()),
                ("tokens", tensor(TensorType::I64, &[1, 64], 64 * 8))
            ])
            .is_ok()
        );
    }

    #[test]
    fn products_beyond_every_memory_are_refused() {
        let open = Signature {
            inputs: vec![declared("x", TensorType::Fp64, &[None; 4])],
            outputs: Vec::new(),
            largest_input: usize::MAX,
        };
        // 2^64 and 2^96 values of 8 bytes would be 0 bytes in 64 bits.
        for dimensions in [
            [1 << 16; 4],
            [1 << 24; 4],
            [u32::MAX; 4],
            [1 << 31, 1 << 31, 4, 1],
        ] {
            let refused = open.check(0, &tensor(TensorType::Fp64, &dimensions, 0));
            assert!(
                refused.as_ref().is_err_and(|reason| reason.contains("0 bytes")),
                "{refused:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_passes_has_exactly_its_data(
            dimensions in proptest::collection::vec(prop_oneof![0..5u32, Just(1 << 16), any::<u32>()], 0..4),
            bytes in 0..200usize,
        ) {
            let open = Signature {
                inputs: vec![declared("x", TensorType::I32, &vec![None; dimensions.len()])],
                outputs: Vec::new(),
                largest_input: usize::MAX,
            };
            let exact = dimensions.iter().fold(4u128, |product, size| product.saturating_mul(u128::from(*size)));
            let passes = open.check(0, &tensor(TensorType::I32, &dimensions, bytes)).is_ok();
            prop_assert_eq!(passes, exact == bytes as u128 && exact > 0);
        }
    }
}
