// Sums of many roots at once, compiled to WebAssembly: nothing else here adds up several numbers in one instruction. Written for the AssemblyScript compiler; `compute/lane-network.ts`
// lays out what is read here.
//
// A line is what one node costs, by root: 64 bytes, a cache line of the processor; eight sums (f64), or sixteen (i32). Nodes are numbered by the caller. `firsts` holds where
// the edges of each node begin, one more at the end. An edge is 16 bytes: its cost, as a sum is; from byte 8 on how far the line of its near end is from the first line; from byte 12 on what is to be told of it.

const LINE_BITS: usize = 6;
const EDGE_BITS: usize = 4;
const WORD_BITS: usize = 2;
const NEAR: usize = 8;
const TOLD: usize = 12;
/** Of a tree: there is no edge; and there are several, of which `SEVERAL - number` is one. */
const NONE: f64 = -1;
const SEVERAL: f64 = -2;
/** Roots of rows. */
const LANES: usize = 16;
/** Of a row: there is no edge; and what is told is one of several. */
const UNTOLD: i32 = -1;
const ONE_OF_SEVERAL: i32 = 128;

function edgesOf(firsts: usize, edges: usize, node: u32): usize {
  return edges + ((<usize>load<u32>(firsts + ((<usize>node) << WORD_BITS))) << EDGE_BITS);
}

function least<T>(a: v128, b: v128): v128 {
  return isFloat<T>() ? v128.pmin<T>(a, b) : v128.min<T>(a, b);
}

/** Each of some nodes takes what costs least over its edges; whether that was less than before for one. */
function sweep<T>(first: i32, end: i32, step: i32, firsts: usize, edges: usize, lines: usize): bool {
  let lower = i32x4.splat(0);
  for (let node = first; node !== end; node += step) {
    const line = lines + ((<usize>node) << LINE_BITS);
    const before0 = v128.load(line);
    const before1 = v128.load(line, 16);
    const before2 = v128.load(line, 32);
    const before3 = v128.load(line, 48);
    let least0 = before0;
    let least1 = before1;
    let least2 = before2;
    let least3 = before3;
    const last = edgesOf(firsts, edges, node + 1);
    for (let edge = edgesOf(firsts, edges, node); edge < last; edge += 1 << EDGE_BITS) {
      const cost = v128.load_splat<T>(edge);
      const near = lines + load<u32>(edge, NEAR);
      least0 = least<T>(least0, v128.add<T>(v128.load(near), cost));
      least1 = least<T>(least1, v128.add<T>(v128.load(near, 16), cost));
      least2 = least<T>(least2, v128.add<T>(v128.load(near, 32), cost));
      least3 = least<T>(least3, v128.add<T>(v128.load(near, 48), cost));
    }
    v128.store(line, least0);
    v128.store(line, least1, 16);
    v128.store(line, least2, 32);
    v128.store(line, least3, 48);
    const lower01 = v128.or(v128.xor(least0, before0), v128.xor(least1, before1));
    const lower23 = v128.or(v128.xor(least2, before2), v128.xor(least3, before3));
    lower = v128.or(lower, v128.or(lower01, lower23));
  }
  return v128.any_true(lower);
}

/**
 * Lines hold 0 for each root, and for all else that there is no way; afterwards, what the least-cost ways cost. Ways pass the first `inner` nodes alone, the others are their ends. In one order
 * of the nodes and then in the other, as often as something changes (Yen 1970); false where that would be more than `most` times.
 */
function settle<T>(nodes: i32, inner: i32, firsts: usize, edges: usize, lines: usize, most: i32): bool {
  for (let i = 0; i < most; i += 2) {
    if (sweep<T>(0, inner, 1, firsts, edges, lines) && sweep<T>(inner - 1, -1, -1, firsts, edges, lines)) continue;
    sweep<T>(inner, nodes, 1, firsts, edges, lines);
    return true;
  }
  return false;
}

/** Eight roots; see `settle`. Where there is no way a sum is Infinity. */
export function settleTrees(nodes: i32, inner: i32, firsts: usize, edges: usize, lines: usize, most: i32): bool {
  return settle<f64>(nodes, inner, firsts, edges, lines, most);
}

/** Sixteen roots; see `settle`. Where there is no way a sum is 2^30: edges cost less. */
export function settleRows(nodes: i32, inner: i32, firsts: usize, edges: usize, lines: usize, most: i32): bool {
  return settle<i32>(nodes, inner, firsts, edges, lines, most);
}

/** Writes what is told of two lanes, for the node at this place. */
function put(at: usize, stride: usize, two: v128): void {
  const words = i32x4.trunc_sat_f64x2_s_zero(two);
  store<i32>(at, i32x4.extract_lane(words, 0));
  store<i32>(at + stride, i32x4.extract_lane(words, 1));
}

/** The same of the first and the last edge that least-cost ways go by; `first` is Infinity where there is none. */
function putPlaces(at: usize, stride: usize, first: v128, last: v128): void {
  const several = f64x2.sub(f64x2.splat(SEVERAL), first);
  const told = v128.bitselect(first, several, f64x2.eq(first, last));
  put(at, stride, v128.bitselect(f64x2.splat(NONE), told, f64x2.eq(first, f64x2.splat(Infinity))));
}

/**
 * Of settled lines, by root and node: what a way costs, and the place of the node's edge by which it goes, as four bytes each. `numbers` has room for all costs of the first root, then for its places, then for
 * those of the next root. `names` says where nodes stand there. A cost counts `unit` for each `whole` of its sum. False where one is more than `most`.
 */
export function readTrees(
  nodes: i32,
  firsts: usize,
  edges: usize,
  lines: usize,
  names: usize,
  numbers: usize,
  whole: f64,
  unit: f64,
  most: f64,
): bool {
  const infinity = f64x2.splat(Infinity);
  const none = f64x2.splat(NONE);
  const wholes = f64x2.splat(1 / whole);
  const units = f64x2.splat(unit);
  const limit = f64x2.splat(most);
  const stride = (<usize>nodes) << 3;
  const toPlaces = (<usize>nodes) << 2;
  let tooMuch = f64x2.splat(0);
  for (let node = 0; node < nodes; node++) {
    const line = lines + ((<usize>node) << LINE_BITS);
    const own0 = v128.load(line);
    const own1 = v128.load(line, 16);
    const own2 = v128.load(line, 32);
    const own3 = v128.load(line, 48);
    let first0 = infinity;
    let first1 = infinity;
    let first2 = infinity;
    let first3 = infinity;
    let last0 = none;
    let last1 = none;
    let last2 = none;
    let last3 = none;
    let edge = edgesOf(firsts, edges, node);
    const end = edgesOf(firsts, edges, node + 1);
    for (let at = <f64>((edge - edges) >> EDGE_BITS); edge < end; edge += 1 << EDGE_BITS, at++) {
      const near = lines + load<u32>(edge, NEAR);
      const cost = v128.load64_splat(edge);
      const place = f64x2.splat(at);
      // Where there is no way Infinity is equal too: that is seen below.
      const is0 = f64x2.eq(f64x2.add(v128.load(near), cost), own0);
      const is1 = f64x2.eq(f64x2.add(v128.load(near, 16), cost), own1);
      const is2 = f64x2.eq(f64x2.add(v128.load(near, 32), cost), own2);
      const is3 = f64x2.eq(f64x2.add(v128.load(near, 48), cost), own3);
      last0 = v128.bitselect(place, last0, is0);
      last1 = v128.bitselect(place, last1, is1);
      last2 = v128.bitselect(place, last2, is2);
      last3 = v128.bitselect(place, last3, is3);
      first0 = f64x2.pmin(first0, v128.bitselect(place, infinity, is0));
      first1 = f64x2.pmin(first1, v128.bitselect(place, infinity, is1));
      first2 = f64x2.pmin(first2, v128.bitselect(place, infinity, is2));
      first3 = f64x2.pmin(first3, v128.bitselect(place, infinity, is3));
    }
    let at = numbers + ((<usize>load<u32>(names + ((<usize>node) << WORD_BITS))) << 2);
    for (let pair = 0; pair < 4; pair++) {
      const own = pair === 0 ? own0 : pair === 1 ? own1 : pair === 2 ? own2 : own3;
      const first = pair === 0 ? first0 : pair === 1 ? first1 : pair === 2 ? first2 : first3;
      const last = pair === 0 ? last0 : pair === 1 ? last1 : pair === 2 ? last2 : last3;
      const isOut = f64x2.eq(own, infinity);
      const cost = f64x2.mul(f64x2.floor(f64x2.mul(own, wholes)), units);
      tooMuch = v128.or(tooMuch, v128.andnot(f64x2.gt(cost, limit), isOut));
      put(at, stride, cost);
      putPlaces(at + toPlaces, stride, v128.bitselect(infinity, first, isOut), last);
      at += stride << 1;
    }
  }
  return !v128.any_true(tooMuch);
}

/** What is told of an edge, where it is the first by which a least-cost way goes; that it is one of several, where it is not. */
function tell(before: v128, told: v128, isLeast: v128): v128 {
  const isFirst = i32x4.eq(before, i32x4.splat(UNTOLD));
  const after = v128.bitselect(told, v128.or(before, i32x4.splat(ONE_OF_SEVERAL)), isFirst);
  return v128.bitselect(after, before, isLeast);
}

/**
 * Of settled lines, by root and node, one byte: what is told of the edge by which least-cost ways go, 128 more where it is one of several, 255 where there is none. `names` says where nodes stand in a
 * row; `bytes` has room for sixteen rows, and sixteen bytes more.
 */
export function readRows(nodes: i32, firsts: usize, edges: usize, lines: usize, names: usize, bytes: usize): void {
  const byte = i32x4.splat(255);
  const stride = <usize>nodes;
  const column = bytes + LANES * stride;
  for (let node = 0; node < nodes; node++) {
    const line = lines + ((<usize>node) << LINE_BITS);
    const own0 = v128.load(line);
    const own1 = v128.load(line, 16);
    const own2 = v128.load(line, 32);
    const own3 = v128.load(line, 48);
    let told0 = i32x4.splat(UNTOLD);
    let told1 = told0;
    let told2 = told0;
    let told3 = told0;
    const end = edgesOf(firsts, edges, node + 1);
    for (let edge = edgesOf(firsts, edges, node); edge < end; edge += 1 << EDGE_BITS) {
      const near = lines + load<u32>(edge, NEAR);
      const cost = v128.load32_splat(edge);
      const told = v128.load32_splat(edge, TOLD);
      told0 = tell(told0, told, i32x4.eq(i32x4.add(v128.load(near), cost), own0));
      told1 = tell(told1, told, i32x4.eq(i32x4.add(v128.load(near, 16), cost), own1));
      told2 = tell(told2, told, i32x4.eq(i32x4.add(v128.load(near, 32), cost), own2));
      told3 = tell(told3, told, i32x4.eq(i32x4.add(v128.load(near, 48), cost), own3));
    }
    const low = i16x8.narrow_i32x4_u(v128.and(told0, byte), v128.and(told1, byte));
    const high = i16x8.narrow_i32x4_u(v128.and(told2, byte), v128.and(told3, byte));
    v128.store(column, i8x16.narrow_i16x8_u(low, high));
    const name = bytes + <usize>load<u32>(names + ((<usize>node) << WORD_BITS));
    for (let lane: usize = 0; lane < LANES; lane++) store<u8>(name + lane * stride, load<u8>(column + lane));
  }
}
