import type { Sid } from "./sid";

/**
 * A binding SID (RFC 8402 section 5): one segment that stands for several. Its node wraps the packet in an outer header of its
 * own (End.B6.Encaps, RFC 8986 section 4.13), which comes off where the links end; the packet goes on from there with the next
 * segment of its list. So a list never ends with one.
 */
export interface Binding {
  readonly name: string;
  /** Router that knows it. */
  readonly node: string;
  readonly sid: Sid;
  /** Links in travel order, each with the router that it leaves; the first leaves `node`. */
  readonly path: readonly { readonly link: string; readonly from: string }[];
  /** Router that the last link leads to. */
  readonly end: string;
  /** Segments of the outer header: the links' adjacency SIDs, and the decapsulation SID of `end`. */
  readonly segments: readonly Sid[];
}
