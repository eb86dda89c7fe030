/**
 * How a list goes onto a packet: an SRH in the packet's own IPv6 header chain (RFC 8754), or an outer header: H.Encaps.Red,
 * which leaves the first segment out of the SRH and the SRH away when there is only one, or H.Encaps (RFC 8986 section 5).
 */
export type Encapsulation = "insert" | "encap" | "encap-full";
