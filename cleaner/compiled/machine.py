"""What LLVM can say and Python cannot: operations of compiled code on bytes and bits."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

BLOCK = 64
"""Bytes that are classified at a time."""

LANES = 64
"""Permutations that are looked at together."""

_BYTE, _INT, _WORD = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_BYTES = ir.VectorType(_BYTE, BLOCK)
_LANES = ir.VectorType(_INT, LANES)


def _address(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    """Return a pointer to one byte of an array."""
    data = context.make_array(array_type)(context, builder, array).data
    return cgutils.gep_inbounds(builder, data, at)


def _load(context: Any, builder: Any, array_type: Any, array: Any, at: Any, kind: Any) -> Any:
    """Load a value from any place of an array of bytes."""
    address = _address(context, builder, array_type, array, at)
    value = builder.load(builder.bitcast(address, kind.as_pointer()))
    value.align = 1
    return value


def _repeat(builder: Any, value: Any, kind: Any) -> Any:
    """Return a vector that holds the same value in all lanes."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, _INT(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(_INT, kind.count), None))


def _has_feature(context: Any, name: str) -> bool:
    """Tell whether code is compiled for processors that have a feature."""
    return f"+{name}" in context.codegen().magic_tuple()[2].split(",")


@intrinsic
def load_uint64(typing: Any, data: Any, at: Any) -> Any:
    """`load_uint64(data, at)`: the eight bytes from `at` on, little-endian; no limit is checked."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return _load(context, builder, signature.args[0], args[0], args[1], _WORD)

    return types.uint64(data, types.int64), generate


@intrinsic
def load_uint32(typing: Any, data: Any, at: Any) -> Any:
    """`load_uint32(data, at)`: the four bytes from `at` on, little-endian; no limit is checked."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        value = _load(context, builder, signature.args[0], args[0], args[1], ir.IntType(32))
        return builder.zext(value, _WORD)

    return types.uint64(data, types.int64), generate


@intrinsic
def count_low_zeros(typing: Any, bits: Any) -> Any:
    """`count_low_zeros(bits)`: the place of the lowest bit that is set, 64 if there is none."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def count_ones(typing: Any, bits: Any) -> Any:
    """`count_ones(bits)`: how many bits are set."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.int64(types.uint64), generate


@intrinsic
def can_compress(typing: Any) -> Any:
    """`can_compress()`: whether the processor has `store_places`; known when code is compiled."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return ir.Constant(ir.IntType(1), int(_has_feature(context, "avx512vbmi2")))

    return types.boolean(), generate


@intrinsic
def store_places(typing: Any, bits: Any, shift: Any, places: Any, at: Any) -> Any:
    """`store_places(bits, shift, places, at)`: write down which of 64 bits are set.

    The number of each, plus `shift`, goes into `places`, an array of uint32, from `at` on. Up to
    `BLOCK` numbers are written in any case; those beyond the last have no meaning.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        every_place = ir.Constant(_BYTES, list(range(BLOCK)))
        mask = builder.bitcast(args[0], ir.VectorType(ir.IntType(1), BLOCK))
        compress = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(_BYTES, [_BYTES, _BYTES, mask.type]),
            "llvm.x86.avx512.mask.compress.v64i8",
        )
        found = builder.call(compress, [every_place, ir.Constant(_BYTES, None), mask])
        half = BLOCK // 2
        lanes = ir.VectorType(_INT, half)
        shift = _repeat(builder, builder.trunc(args[1], _INT), lanes)

        def store(first: int) -> None:
            chosen = ir.Constant(lanes, list(range(first, first + half)))
            wide = builder.zext(builder.shuffle_vector(found, found, chosen), lanes)
            to = builder.add(args[3], ir.Constant(args[3].type, first))
            address = _address(context, builder, signature.args[2], args[2], to)
            target = builder.bitcast(address, lanes.as_pointer())
            builder.store(builder.add(wide, shift), target).align = 4

        store(0)
        are_many = builder.icmp_unsigned(">", builder.ctpop(args[0]), _WORD(half))
        with builder.if_then(are_many, likely=False):
            store(half)
        return context.get_dummy_value()

    return types.void(types.uint64, types.int64, places, types.int64), generate


@intrinsic
def find_longer(typing: Any, edges: Any, at: Any, size: Any) -> Any:
    """`find_longer(edges, at, size)`: which of 64 words are longer than a size, a bit each.

    The edges of the `BLOCK` words are in an array of uint32 from `at` on, begin and end in turn; no
    limit is checked.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.VectorType(_INT, 2 * BLOCK)
        both = _load(context, builder, signature.args[0], args[0], args[1], kind)

        def every_other(first: int) -> Any:
            chosen = ir.Constant(_LANES, list(range(first, 2 * BLOCK, 2)))
            return builder.shuffle_vector(both, both, chosen)

        sizes = builder.sub(every_other(1), every_other(0))
        limits = _repeat(builder, builder.trunc(args[2], _INT), _LANES)
        return builder.bitcast(builder.icmp_unsigned(">", sizes, limits), _WORD)

    return types.uint64(edges, types.int64, types.int64), generate


@intrinsic
def multiply_folded(typing: Any, one: Any, other: Any) -> Any:
    """`multiply_folded(one, other)`: the two halves of the 128-bit product, exclusive-ored."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        high = builder.lshr(product, ir.Constant(wide, 64))
        return builder.xor(builder.trunc(product, _WORD), builder.trunc(high, _WORD))

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def use_wide_vectors(typing: Any) -> Any:
    """`use_wide_vectors()`: compile the function around it for 64-byte vectors if there are any.

    LLVM takes half of them by default, for processors that slow down when all are in use; the loop
    over permutations is faster with them, signing a fifth. On some processors a product of 64-bit
    lanes waits for what was in its register before, which takes thrice the time unless the
    compiler clears it first; it does so for those that it knows by name, and in a virtual machine
    may take them for others.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite knows few
        if _has_feature(context, "avx512dq"):
            set.add(builder.function.attributes, '"tune-cpu"="sapphirerapids"')
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def minimize_lanes(
    typing: Any, values: Any, num: Any, multipliers: Any, addends: Any, smallest: Any, at: Any
) -> Any:
    """`minimize_lanes(values, num, multipliers, addends, smallest, at)`: lower `LANES` minima.

    For each k of the `LANES` from `at` on, `smallest[k]` becomes the smallest of itself and of
    `multipliers[k] * value + addends[k]` for the first `num` values; all are uint32. Minima stay in
    registers meanwhile.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def address(number: int, place: Any) -> Any:
            return _address(context, builder, signature.args[number], args[number], place)

        def lanes_of(number: int) -> Any:
            return builder.bitcast(address(number, args[5]), _LANES.as_pointer())

        def load(pointer: Any) -> Any:
            value = builder.load(pointer)
            value.align = 4
            return value

        factors, terms = load(lanes_of(2)), load(lanes_of(3))
        found = cgutils.alloca_once_value(builder, load(lanes_of(4)))
        with cgutils.for_range(builder, args[1]) as loop:
            value = builder.load(address(0, loop.index))
            permuted = builder.add(builder.mul(factors, _repeat(builder, value, _LANES)), terms)
            before = builder.load(found)
            is_smaller = builder.icmp_unsigned("<", permuted, before)
            builder.store(builder.select(is_smaller, permuted, before), found)
        stored = builder.store(builder.load(found), lanes_of(4))
        stored.align = 4
        return context.get_dummy_value()

    return types.void(values, types.int64, multipliers, addends, smallest, types.int64), generate


@intrinsic
def fold_block(typing: Any, text: Any, at: Any, folded: Any, to: Any) -> Any:
    """`fold_block(text, at, folded, to)`: put a block of ASCII into lower case, and classify it.

    Returns:
        Three times 64 bits, one a byte: letters and digits, apostrophes, bytes beyond ASCII.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        def every(value: int) -> Any:
            return ir.Constant(_BYTES, [value] * BLOCK)

        def between(values: Any, first: str, last: str) -> Any:
            moved = builder.sub(values, every(ord(first)))
            return builder.icmp_unsigned("<=", moved, every(ord(last) - ord(first)))

        block = _load(context, builder, signature.args[0], args[0], args[1], _BYTES)
        is_upper = between(block, "A", "Z")
        lower = builder.select(is_upper, builder.or_(block, every(0x20)), block)
        address = _address(context, builder, signature.args[2], args[2], args[3])
        stored = builder.store(lower, builder.bitcast(address, _BYTES.as_pointer()))
        stored.align = 1
        found = (
            builder.or_(between(lower, "a", "z"), between(lower, "0", "9")),
            builder.icmp_unsigned("==", block, every(ord("'"))),
            builder.icmp_signed("<", block, every(0)),
        )
        bits = [builder.bitcast(one, _WORD) for one in found]
        return context.make_tuple(builder, signature.return_type, bits)

    signature = types.UniTuple(types.uint64, 3)(text, types.int64, folded, types.int64)
    return signature, generate
