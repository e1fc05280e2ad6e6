"""Finds the Arrow type that holds the values of two others exactly. Knows no frame."""

import pyarrow as pa

UNITS = ("s", "ms", "us", "ns")
MAX_128_BIT = 38  # decimal digits


def widest(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """A type for the values of both, or None. Integers among floats are left for the cast to look at."""
    if one == other:
        return one
    if _is_number(one) and _is_number(other):
        return _wider_number(one, other)
    if _is_text(one) and _is_text(other):
        return pa.large_string()
    if pa.types.is_decimal(one) and pa.types.is_decimal(other):
        return _wider_decimal(one, other)
    if pa.types.is_dictionary(one) and pa.types.is_dictionary(other):
        return _wider_dictionary(one, other)
    return _finer_time(one, other)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _wider_number(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if pa.types.is_floating(one) or pa.types.is_floating(other):
        return pa.float64()
    unsigned = pa.types.is_unsigned_integer(one) and pa.types.is_unsigned_integer(other)
    return pa.uint64() if unsigned else pa.int64()


def _finer_time(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    if pa.types.is_timestamp(one) and pa.types.is_timestamp(other) and one.tz == other.tz:
        return pa.timestamp(max(one.unit, other.unit, key=UNITS.index), tz=one.tz)
    if pa.types.is_duration(one) and pa.types.is_duration(other):
        return pa.duration(max(one.unit, other.unit, key=UNITS.index))
    return None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _wider_decimal(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    scale = max(one.scale, other.scale)
    digits = max(one.precision - one.scale, other.precision - other.scale) + scale
    if digits <= MAX_128_BIT:
        return pa.decimal128(digits, scale)
    return pa.decimal256(digits, scale) if digits <= 76 else None


def _wider_dictionary(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    values = widest(one.value_type, other.value_type)
    if values is None or one.ordered != other.ordered:
        return None
    return pa.dictionary(pa.int32(), values, ordered=one.ordered)
