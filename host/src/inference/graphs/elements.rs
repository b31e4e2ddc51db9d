//! The element types of wasi-nn, and the way between a guest's little-endian bytes and ONNX Runtime's tensors.

use half::{bf16, f16};
use ort::value::{DynValue, Tensor as Value, TensorElementType};
use wasmtime_wasi_nn::Tensor;
use wasmtime_wasi_nn::wit::TensorType;

/// A type's name in `wit/deps/wasi-nn`.
pub(super) fn name(ty: TensorType) -> &'static str {
    match ty {
        TensorType::Fp16 => "FP16",
        TensorType::Fp32 => "FP32",
        TensorType::Fp64 => "FP64",
        TensorType::Bf16 => "BF16",
        TensorType::U8 => "U8",
        TensorType::I32 => "I32",
        TensorType::I64 => "I64",
    }
}

/// Bytes of one element.
pub(super) fn size(ty: TensorType) -> usize {
    match ty {
        TensorType::U8 => 1,
        TensorType::Fp16 | TensorType::Bf16 => 2,
        TensorType::Fp32 | TensorType::I32 => 4,
        TensorType::Fp64 | TensorType::I64 => 8,
    }
}

/// What ONNX Runtime is given for a guest's tensor, whose dimensions must be those of its data.
pub(super) fn to_value(tensor: &Tensor) -> Result<DynValue, ort::Error> {
    let shape: Vec<i64> = tensor.dimensions.iter().map(|size| i64::from(*size)).collect();
    let data = &tensor.data;
    Ok(match tensor.ty {
        TensorType::Fp16 => Value::from_array((shape, read(data, f16::from_le_bytes)))?.into_dyn(),
        TensorType::Fp32 => Value::from_array((shape, read(data, f32::from_le_bytes)))?.into_dyn(),
        TensorType::Fp64 => Value::from_array((shape, read(data, f64::from_le_bytes)))?.into_dyn(),
        TensorType::Bf16 => Value::from_array((shape, read(data, bf16::from_le_bytes)))?.into_dyn(),
        TensorType::U8 => Value::from_array((shape, data.clone()))?.into_dyn(),
        TensorType::I32 => Value::from_array((shape, read(data, i32::from_le_bytes)))?.into_dyn(),
        TensorType::I64 => Value::from_array((shape, read(data, i64::from_le_bytes)))?.into_dyn(),
    })
}

/// The guest's tensor for what ONNX Runtime gave.
pub(super) fn from_value(value: &DynValue) -> Result<Tensor, ort::Error> {
    let ty = value.dtype().tensor_type();
    let (shape, ty, data) = match ty {
        Some(TensorElementType::Float16) => {
            let (shape, values) = value.try_extract_tensor::<f16>()?;
            (shape, TensorType::Fp16, write(values, f16::to_le_bytes))
        }
        Some(TensorElementType::Float32) => {
            let (shape, values) = value.try_extract_tensor::<f32>()?;
            (shape, TensorType::Fp32, write(values, f32::to_le_bytes))
        }
        Some(TensorElementType::Float64) => {
            let (shape, values) = value.try_extract_tensor::<f64>()?;
            (shape, TensorType::Fp64, write(values, f64::to_le_bytes))
        }
        Some(TensorElementType::Bfloat16) => {
            let (shape, values) = value.try_extract_tensor::<bf16>()?;
            (shape, TensorType::Bf16, write(values, bf16::to_le_bytes))
        }
        Some(TensorElementType::Uint8) => {
            let (shape, values) = value.try_extract_tensor::<u8>()?;
            (shape, TensorType::U8, values.to_vec())
        }
        Some(TensorElementType::Int32) => {
            let (shape, values) = value.try_extract_tensor::<i32>()?;
            (shape, TensorType::I32, write(values, i32::to_le_bytes))
        }
        Some(TensorElementType::Int64) => {
            let (shape, values) = value.try_extract_tensor::<i64>()?;
            (shape, TensorType::I64, write(values, i64::to_le_bytes))
        }
        _ => return Err(ort::Error::new(format!("an output is {}", value.dtype()))),
    };
    let dimensions = shape
        .iter()
        .map(|size| u32::try_from(*size))
        .collect::<Result<_, _>>()
        .map_err(ort::Error::wrap)?;
    Ok(Tensor::new(dimensions, ty, data))
}

fn read<T, const SIZE: usize>(data: &[u8], element: impl Fn([u8; SIZE]) -> T) -> Vec<T> {
    data.as_chunks().0.iter().map(|bytes| element(*bytes)).collect()
}

fn write<T: Copy, const SIZE: usize>(values: &[T], bytes: impl Fn(T) -> [u8; SIZE]) -> Vec<u8> {
    let mut data = Vec::with_capacity(values.len() * SIZE);
    for value in values {
        data.extend_from_slice(&bytes(*value));
    }
    data
}
